package main

import (
	"encoding/json"
	"os"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// What the real provider would compute, by type and attribute, from the file that STUB_VALUES names.
type values map[string]map[string]json.RawMessage

func readValues(path string) (values, error) {
	read := values{}
	if path == "" {
		return read, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return read, json.Unmarshal(text, &read)
}

// of makes a value of a type; a text that is not given names its type and attribute.
func (v values) of(kind, name string, of tftypes.Type) tftypes.Value {
	if given, found := v[kind][name]; found {
		if value, err := tftypes.ValueFromJSON(given, of); err == nil { //nolint:staticcheck // nothing else reads it
			return value
		}
	}
	switch {
	case of.Is(tftypes.String):
		return tftypes.NewValue(of, kind+"."+name)
	case of.Is(tftypes.Number):
		return tftypes.NewValue(of, 0)
	case of.Is(tftypes.Bool):
		return tftypes.NewValue(of, false)
	case of.Is(tftypes.List{}), of.Is(tftypes.Set{}):
		return tftypes.NewValue(of, []tftypes.Value{})
	case of.Is(tftypes.Map{}):
		return tftypes.NewValue(of, map[string]tftypes.Value{})
	default:
		return tftypes.NewValue(of, nil)
	}
}

func typeOf(one block) (tftypes.Type, error) {
	schema, err := one.schema()
	if err != nil {
		return nil, err
	}
	return schema.ValueType(), nil
}

func transform(one block, given *tfprotov6.DynamicValue, change func(*tftypes.AttributePath, tftypes.Value) tftypes.Value) (*tfprotov6.DynamicValue, error) {
	kind, err := typeOf(one)
	if err != nil {
		return nil, err
	}
	value, err := given.Unmarshal(kind)
	if err != nil {
		return nil, err
	}
	// Nothing at all is what a deletion wants.
	if value.IsNull() {
		return given, nil
	}
	changed, err := tftypes.Transform(value, func(path *tftypes.AttributePath, value tftypes.Value) (tftypes.Value, error) {
		if len(path.Steps()) == 0 {
			return value, nil
		}
		return change(path, value), nil
	})
	if err != nil {
		return nil, err
	}
	result, err := tfprotov6.NewDynamicValue(kind, changed)
	return &result, err
}
