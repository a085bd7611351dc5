package main

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

type server struct {
	// What nothing here asks for: functions, imports, ephemeral resources.
	tfprotov6.ProviderServer
	schemas *schemas
	values  values
}

func (s *server) GetMetadata(context.Context, *tfprotov6.GetMetadataRequest) (*tfprotov6.GetMetadataResponse, error) {
	answer := &tfprotov6.GetMetadataResponse{}
	for name := range s.schemas.Resources {
		answer.Resources = append(answer.Resources, tfprotov6.ResourceMetadata{TypeName: name})
	}
	for name := range s.schemas.DataSources {
		answer.DataSources = append(answer.DataSources, tfprotov6.DataSourceMetadata{TypeName: name})
	}
	return answer, nil
}

func (s *server) GetProviderSchema(context.Context, *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	provider, err := s.schemas.Provider.schema()
	if err != nil {
		return nil, err
	}
	answer := &tfprotov6.GetProviderSchemaResponse{
		Provider: provider, ResourceSchemas: map[string]*tfprotov6.Schema{}, DataSourceSchemas: map[string]*tfprotov6.Schema{},
	}
	for name, one := range s.schemas.Resources {
		if answer.ResourceSchemas[name], err = one.schema(); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	for name, one := range s.schemas.DataSources {
		if answer.DataSourceSchemas[name], err = one.schema(); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return answer, nil
}

func (s *server) ValidateProviderConfig(_ context.Context, request *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return &tfprotov6.ValidateProviderConfigResponse{PreparedConfig: request.Config}, nil
}

func (s *server) ConfigureProvider(context.Context, *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	return &tfprotov6.ConfigureProviderResponse{}, nil
}

func (s *server) StopProvider(context.Context, *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	return &tfprotov6.StopProviderResponse{}, nil
}

// Terraform itself checks everything that a schema says, but that what is only computed is not configured.
func (s *server) ValidateResourceConfig(_ context.Context, request *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	one, answer := s.schemas.Resources[request.TypeName], &tfprotov6.ValidateResourceConfigResponse{}
	_, err := transform(one, request.Config, func(path *tftypes.AttributePath, value tftypes.Value) tftypes.Value {
		if name, found := one.attribute(path); found != nil && found.Computed && !found.Optional && !value.IsNull() {
			answer.Diagnostics = append(answer.Diagnostics, &tfprotov6.Diagnostic{
				Severity: tfprotov6.DiagnosticSeverityError, Summary: fmt.Sprintf("Can't configure a value for %q", name), Attribute: path,
			})
		}
		return value
	})
	return answer, err
}

func (s *server) ValidateDataResourceConfig(context.Context, *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return &tfprotov6.ValidateDataResourceConfigResponse{}, nil
}

func (s *server) UpgradeResourceState(_ context.Context, request *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	kind, err := typeOf(s.schemas.Resources[request.TypeName])
	if err != nil {
		return nil, err
	}
	value, err := request.RawState.Unmarshal(kind)
	if err != nil {
		return nil, err
	}
	state, err := tfprotov6.NewDynamicValue(kind, value)
	return &tfprotov6.UpgradeResourceStateResponse{UpgradedState: &state}, err
}

func (s *server) ReadResource(_ context.Context, request *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return &tfprotov6.ReadResourceResponse{NewState: request.CurrentState}, nil
}

// PlanResourceChange leaves open what is computed when something is made; afterwards it is known.
func (s *server) PlanResourceChange(_ context.Context, request *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	one := s.schemas.Resources[request.TypeName]
	kind, err := typeOf(one)
	if err != nil {
		return nil, err
	}
	prior, err := request.PriorState.Unmarshal(kind)
	if err != nil {
		return nil, err
	}
	planned, err := transform(one, request.ProposedNewState, func(path *tftypes.AttributePath, value tftypes.Value) tftypes.Value {
		if _, found := one.attribute(path); found != nil && found.Computed && value.IsNull() && prior.IsNull() {
			return tftypes.NewValue(value.Type(), tftypes.UnknownValue)
		}
		return value
	})
	return &tfprotov6.PlanResourceChangeResponse{PlannedState: planned}, err
}

func (s *server) ApplyResourceChange(_ context.Context, request *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	one := s.schemas.Resources[request.TypeName]
	state, err := transform(one, request.PlannedState, func(path *tftypes.AttributePath, value tftypes.Value) tftypes.Value {
		if value.IsKnown() {
			return value
		}
		name, _ := one.attribute(path)
		return s.values.of(request.TypeName, name, value.Type())
	})
	return &tfprotov6.ApplyResourceChangeResponse{NewState: state}, err
}

func (s *server) ReadDataSource(_ context.Context, request *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	one := s.schemas.DataSources[request.TypeName]
	state, err := transform(one, request.Config, func(path *tftypes.AttributePath, value tftypes.Value) tftypes.Value {
		if name, found := one.attribute(path); found != nil && found.Computed && value.IsNull() {
			return s.values.of("data."+request.TypeName, name, value.Type())
		}
		return value
	})
	return &tfprotov6.ReadDataSourceResponse{State: state}, err
}
