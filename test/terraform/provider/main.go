// A provider that knows nothing but a schema: the JSON that lies beside it (test/terraform/schemas). With it terraform
// checks names, types, blocks and required marks as with the real provider, without an account and without a network.
// It plans and applies by filling in what the real one would compute, so that rendered policies can be looked at.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
)

func main() {
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve() error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	if program, err = filepath.EvalSymlinks(program); err != nil {
		return err
	}
	directory := filepath.Dir(program)
	schemas, err := readSchemas(filepath.Join(directory, "schema.json"))
	if err != nil {
		return err
	}
	values, err := readValues(os.Getenv("STUB_VALUES"))
	if err != nil {
		return err
	}
	// …/registry.terraform.io/hashicorp/NAME/VERSION/PLATFORM
	name := filepath.Base(filepath.Dir(filepath.Dir(directory)))
	return tf6server.Serve("registry.terraform.io/hashicorp/"+name, func() tfprotov6.ProviderServer {
		return &server{schemas: schemas, values: values}
	})
}
