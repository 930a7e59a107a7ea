package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// What a container is given and asked is one contract, whoever runs it: checkAgreement compares what a Terraform
// configuration says of it with what compose.yaml and the Dockerfile say.

// onlyInClouds are variables that a Terraform configuration may set although compose.yaml does not: they are about
// what stands around the container there.
var onlyInClouds = []string{"DATABASE_CA_FILE", "DATABASE_POOL_SIZE", "TRUSTED_PROXIES"}

// ofCompose are variables that compose.yaml needs for its own containers.
var ofCompose = []string{"DATABASE_PASSWORD", "DATABASE_PORT"}

// A configuration is what a Terraform configuration says of the container.
type configuration struct {
	variables []string // of the contract, that are set
	unknown   []string // set, and not of the contract
	ports     []string
	probes    map[string][]string // the paths, by the kind of probe
}

// readConfiguration reads the *.tf files of a folder.
func readConfiguration(folder string) (*configuration, error) {
	blocks, err := blocksOf(folder)
	if err != nil {
		return nil, err
	}
	c := &configuration{probes: map[string][]string{}}
	for _, block := range blocks {
		if block.Type != "variable" && block.Type != "output" {
			c.body(block.Type, block.Body)
		}
	}
	for _, list := range []*[]string{&c.variables, &c.unknown, &c.ports} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return c, nil
}

// blocksOf are the blocks of the *.tf files of a folder.
func blocksOf(folder string) ([]*hclsyntax.Block, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.tf"))
	if err != nil {
		return nil, err
	}
	var blocks []*hclsyntax.Block
	for _, file := range files {
		parsed, diagnostics := hclparse.NewParser().ParseHCLFile(file)
		if diagnostics.HasErrors() {
			return nil, diagnostics
		}
		blocks = append(blocks, parsed.Body.(*hclsyntax.Body).Blocks...)
	}
	return blocks, nil
}

func (c *configuration) body(kind string, body *hclsyntax.Body) {
	for name, attribute := range body.Attributes {
		value, _ := attribute.Expr.Value(nil)
		if name == "path" && isText(value) && strings.HasPrefix(value.AsString(), "/") {
			c.probes[kind] = append(c.probes[kind], value.AsString())
		}
		if name == "port" && kind == "locals" {
			c.ports = append(c.ports, numberOf(value))
		}
		_ = hclsyntax.VisitAll(attribute.Expr, func(node hclsyntax.Node) hcl.Diagnostics {
			c.expression(node)
			return nil
		})
	}
	for _, block := range body.Blocks {
		inner := kind
		if strings.Contains(block.Type, "probe") || strings.Contains(block.Type, "health") {
			inner = block.Type
		}
		c.body(inner, block.Body)
	}
}

var variableName = regexp.MustCompile(`^[A-Z]+(_[A-Z]+)+$|^PORT$`)

// expression notes the keys of objects that are names of environment variables, and such names as texts.
func (c *configuration) expression(node hclsyntax.Node) {
	switch node := node.(type) {
	case *hclsyntax.ObjectConsKeyExpr:
		name := hcl.ExprAsKeyword(node.Wrapped)
		if value, _ := node.Value(nil); isText(value) {
			name = value.AsString()
		}
		switch {
		case slices.Contains(contractVariables, name):
			c.variables = append(c.variables, name)
		case variableName.MatchString(name):
			c.unknown = append(c.unknown, name)
		}
	case *hclsyntax.TemplateExpr:
		if value, _ := node.Value(nil); isText(value) && slices.Contains(contractVariables, value.AsString()) {
			c.variables = append(c.variables, value.AsString())
		}
	}
}

func isText(value cty.Value) bool {
	return value.IsKnown() && !value.IsNull() && value.Type() == cty.String
}

func numberOf(value cty.Value) string {
	if !value.IsKnown() || value.IsNull() || value.Type() != cty.Number {
		return "unknown"
	}
	return value.AsBigFloat().Text('f', 0)
}

// checkAgreement compares a Terraform configuration of a project with its compose.yaml and its Dockerfile.
func checkAgreement(ctx context.Context, project, folder string) error {
	configured, err := readConfiguration(folder)
	if err != nil {
		return err
	}
	composed, err := loadCompose(ctx, project)
	if err != nil {
		return fmt.Errorf("compose.yaml: %w", err)
	}
	dockerfile, err := os.ReadFile(filepath.Join(project, "Dockerfile"))
	if err != nil {
		return err
	}
	var errs []error
	wrong := func(format string, arguments ...any) { errs = append(errs, fmt.Errorf(format, arguments...)) }

	var wanted []string
	port := ""
	for _, service := range composed.Services {
		if service.Build == nil || len(service.Ports) == 0 {
			continue
		}
		port = fmt.Sprint(service.Ports[0].Target)
		for name := range service.Environment {
			if !slices.Contains(ofCompose, name) {
				wanted = append(wanted, name)
			}
		}
	}
	slices.Sort(wanted)
	if len(wanted) < 3 {
		wrong("compose.yaml gives the service %q only", wanted)
	}
	for _, name := range wanted {
		// Some clouds set PORT themselves, to the port that they are told.
		if name != "PORT" && !slices.Contains(configured.variables, name) {
			wrong("compose.yaml sets %s, Terraform does not", name)
		}
	}
	for _, name := range configured.variables {
		if !slices.Contains(wanted, name) && !slices.Contains(onlyInClouds, name) {
			wrong("Terraform sets %s, compose.yaml does not", name)
		}
	}
	for _, name := range configured.unknown {
		wrong("Terraform sets %s, which the service does not read", name)
	}

	if !slices.Equal(configured.ports, []string{port}) {
		wrong("Terraform has the ports %q, compose.yaml %s", configured.ports, port)
	}
	if exposed := exposedPort.FindSubmatch(dockerfile); exposed == nil || string(exposed[1]) != port {
		wrong("the Dockerfile does not expose %s", port)
	}
	asked := false
	for kind, paths := range configured.probes {
		want := "/healthz" // what fails it is replaced
		if kind == "readiness_probe" {
			want = "/readyz"
		} else if strings.Contains(kind, "probe") || strings.Contains(kind, "health") {
			asked = true
		}
		for _, path := range paths {
			if path != want {
				wrong("%s asks %s, and should ask %s", kind, path, want)
			}
		}
	}
	if !asked {
		wrong("nothing asks /healthz")
	}
	return errors.Join(errs...)
}

// checkExample checks that terraform.tfvars.example sets variables that there are, also where it shows defaults in comments.
func checkExample(folder string) error {
	content, err := os.ReadFile(filepath.Join(folder, "terraform.tfvars.example"))
	if err != nil {
		return err
	}
	example, diagnostics := hclparse.NewParser().ParseHCL(commentedSetting.ReplaceAll(content, []byte("$1")), "terraform.tfvars.example")
	if diagnostics.HasErrors() {
		return diagnostics
	}
	blocks, err := blocksOf(folder)
	if err != nil {
		return err
	}
	declared := map[string]bool{}
	for _, block := range blocks {
		if block.Type == "variable" {
			declared[block.Labels[0]] = true
		}
	}
	var errs []error
	attributes := example.Body.(*hclsyntax.Body).Attributes
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		if !declared[name] {
			errs = append(errs, fmt.Errorf("terraform.tfvars.example sets %s, which is no variable", name))
		}
	}
	if len(attributes) == 0 {
		errs = append(errs, errors.New("terraform.tfvars.example sets nothing"))
	}
	return errors.Join(errs...)
}

// checkSecrets checks that what Terraform draws (with uuid(), also by way of locals) goes into write-only arguments alone, whose
// names end in _wo by Terraform's convention: any other argument or output would be kept in the state.
func checkSecrets(folder string) error {
	blocks, err := blocksOf(folder)
	if err != nil {
		return err
	}
	locals := map[string]hclsyntax.Expression{}
	for _, block := range blocks {
		if block.Type == "locals" {
			for name, attribute := range block.Body.Attributes {
				locals[name] = attribute.Expr
			}
		}
	}
	drawn := map[string]bool{}
	for known := -1; known < len(drawn); {
		known = len(drawn)
		for name, expression := range locals {
			if isDrawn(expression, drawn) {
				drawn[name] = true
			}
		}
	}
	if len(drawn) == 0 {
		return errors.New("Terraform draws no secrets")
	}
	var errs []error
	for _, block := range blocks {
		if block.Type == "locals" {
			continue
		}
		errs = append(errs, keptIn(strings.Join(append([]string{block.Type}, block.Labels...), "."), block.Body, drawn)...)
	}
	return errors.Join(errs...)
}

// keptIn tells of each argument of a block that would keep a drawn secret.
func keptIn(where string, body *hclsyntax.Body, drawn map[string]bool) []error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(body.Attributes)) {
		if !strings.HasSuffix(name, "_wo") && isDrawn(body.Attributes[name].Expr, drawn) {
			errs = append(errs, fmt.Errorf("the state would hold a secret: %s.%s", where, name))
		}
	}
	for _, block := range body.Blocks {
		errs = append(errs, keptIn(where+"."+block.Type, block.Body, drawn)...)
	}
	return errs
}

// isDrawn says whether an expression draws something, or has it from a local of these.
func isDrawn(expression hclsyntax.Expression, locals map[string]bool) bool {
	found := false
	_ = hclsyntax.VisitAll(expression, func(node hclsyntax.Node) hcl.Diagnostics {
		switch node := node.(type) {
		case *hclsyntax.FunctionCallExpr:
			found = found || node.Name == "uuid"
		case *hclsyntax.ScopeTraversalExpr:
			if len(node.Traversal) > 1 && node.Traversal.RootName() == "local" {
				step, isName := node.Traversal[1].(hcl.TraverseAttr)
				found = found || isName && locals[step.Name]
			}
		}
		return nil
	})
	return found
}

var (
	exposedPort      = regexp.MustCompile(`(?m)^EXPOSE (\d+)$`)
	commentedSetting = regexp.MustCompile(`(?m)^# (\s*[A-Za-z_]+ *= ["{0-9tf].*|\})$`)
)
