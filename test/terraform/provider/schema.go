package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

type schemas struct {
	Provider    block            `json:"provider"`
	Resources   map[string]block `json:"resource_schemas"`
	DataSources map[string]block `json:"data_source_schemas"`
}

type block struct {
	Attributes map[string]attribute `json:"attributes"`
	BlockTypes map[string]blockType `json:"block_types"`
}

type attribute struct {
	Type     json.RawMessage `json:"type"`
	Required bool            `json:"required"`
	Optional bool            `json:"optional"`
	Computed bool            `json:"computed"`
}

type blockType struct {
	Nesting string `json:"nesting_mode"`
	Min     int64  `json:"min_items"`
	Max     int64  `json:"max_items"`
	Block   block  `json:"block"`
}

func readSchemas(path string) (*schemas, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	read := &schemas{}
	return read, json.Unmarshal(text, read)
}

func (b block) schema() (*tfprotov6.Schema, error) {
	converted, err := b.convert()
	return &tfprotov6.Schema{Block: converted}, err
}

func (b block) convert() (*tfprotov6.SchemaBlock, error) {
	attributes, err := convertAttributes(b.Attributes)
	if err != nil {
		return nil, err
	}
	result := &tfprotov6.SchemaBlock{Attributes: attributes}
	for name, one := range b.BlockTypes {
		inner, err := one.Block.convert()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		nesting := map[string]tfprotov6.SchemaNestedBlockNestingMode{
			"single": tfprotov6.SchemaNestedBlockNestingModeSingle,
			"list":   tfprotov6.SchemaNestedBlockNestingModeList,
			"set":    tfprotov6.SchemaNestedBlockNestingModeSet,
			"map":    tfprotov6.SchemaNestedBlockNestingModeMap,
		}[one.Nesting]
		result.BlockTypes = append(result.BlockTypes, &tfprotov6.SchemaNestedBlock{
			TypeName: name, Block: inner, Nesting: nesting, MinItems: one.Min, MaxItems: one.Max,
		})
	}
	return result, nil
}

// What random_password makes: the schemas are read from classes of cdktf, which do not say what is sensitive.
var sensitive = map[string]bool{"result": true, "bcrypt_hash": true}

func convertAttributes(attributes map[string]attribute) ([]*tfprotov6.SchemaAttribute, error) {
	result := []*tfprotov6.SchemaAttribute{}
	for name, one := range attributes {
		converted := &tfprotov6.SchemaAttribute{Name: name, Required: one.Required, Optional: one.Optional, Computed: one.Computed, Sensitive: sensitive[name]}
		// The JSON of types is the same that go-cty and the protocol use.
		kind, err := tftypes.ParseJSONType(one.Type) //nolint:staticcheck // nothing else reads it
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		converted.Type = kind
		result = append(result, converted)
	}
	return result, nil
}

// attribute finds what is at a path: nil where that is a block, or in an attribute.
func (b block) attribute(path *tftypes.AttributePath) (string, *attribute) {
	attributes, blocks, name := b.Attributes, b.BlockTypes, ""
	var last *attribute
	for _, step := range path.Steps() {
		key, isName := step.(tftypes.AttributeName)
		if !isName {
			last = nil
			continue
		}
		name = string(key)
		if one, found := attributes[name]; found {
			last, blocks, attributes = &one, nil, nil
			continue
		}
		last = nil
		if one, found := blocks[name]; found {
			attributes, blocks = one.Block.Attributes, one.Block.BlockTypes
		}
	}
	return name, last
}
