package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/rhysd/actionlint"
)

// checkDockerfile runs BuildKit's own linter, as `docker build --check` does; every warning is an error.
func checkDockerfile(ctx context.Context, file string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	state := llb.Scratch()
	definition, err := state.Marshal(ctx)
	if err != nil {
		return err
	}
	source := llb.NewSourceMap(&state, "Dockerfile", "Dockerfile", content)
	source.Definition = definition
	platform := ocispecs.Platform{OS: "linux", Architecture: "amd64"}
	results, err := dockerfile2llb.DockerfileLint(ctx, content, dockerfile2llb.ConvertOpt{
		SourceMap: source, MainContext: &state, MetaResolver: anyImage{}, TargetPlatform: &platform,
	})
	if err != nil {
		return err
	}
	var errs []error
	if results.Error != nil {
		errs = append(errs, fmt.Errorf("Dockerfile: %s", results.Error.Message))
	}
	for _, w := range results.Warnings {
		line := int32(0)
		if ranges := w.Location.GetRanges(); len(ranges) > 0 {
			line = ranges[0].GetStart().GetLine()
		}
		errs = append(errs, fmt.Errorf("Dockerfile:%d: %s: %s", line, w.RuleName, w.Detail))
	}
	return errors.Join(errs...)
}

// anyImage says of every image that it exists and that its settings are empty: the linter needs no more,
// and no registry.
type anyImage struct{}

func (anyImage) ResolveImageConfig(_ context.Context, reference string, options sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	image := ocispecs.Image{Platform: ocispecs.Platform{OS: "linux", Architecture: "amd64"}}
	if options.ImageOpt != nil && options.ImageOpt.Platform != nil {
		image.Platform = *options.ImageOpt.Platform
	}
	config, err := json.Marshal(image)
	return reference, digest.FromBytes(config), config, err
}

// loadCompose reads a compose file as Docker Compose does. Settings come from .env.
func loadCompose(ctx context.Context, folder string) (*types.Project, error) {
	options, err := cli.NewProjectOptions([]string{filepath.Join(folder, "compose.yaml")},
		cli.WithWorkingDirectory(folder), cli.WithEnvFiles(), cli.WithDotEnv)
	if err != nil {
		return nil, err
	}
	return cli.ProjectFromOptions(ctx, options)
}

// checkCompose loads compose.yaml and holds it to what the contract says of it.
func checkCompose(ctx context.Context, folder string) error {
	project, err := loadCompose(ctx, folder)
	if err != nil {
		return fmt.Errorf("compose.yaml: %w", err)
	}
	var errs []error
	wrong := func(service, format string, args ...any) {
		errs = append(errs, fmt.Errorf("compose.yaml: %s: %s", service, fmt.Sprintf(format, args...)))
	}
	for _, service := range project.Services {
		for _, port := range service.Ports {
			if port.HostIP != "127.0.0.1" {
				wrong(service.Name, "port %s is bound to %q, not to 127.0.0.1 alone", port.Published, port.HostIP)
			}
		}
		if service.Build != nil {
			if !service.ReadOnly {
				wrong(service.Name, "its root file system is not read-only")
			}
			if !contains(service.CapDrop, "ALL") {
				wrong(service.Name, "it keeps capabilities")
			}
			continue
		}
		if service.HealthCheck == nil || len(service.HealthCheck.Test) == 0 {
			wrong(service.Name, "it has no health check")
		}
		if tag := service.Image[strings.LastIndexByte(service.Image, ':')+1:]; tag == service.Image || tag == "latest" {
			wrong(service.Name, "the image %s has no fixed tag", service.Image)
		}
	}
	return errors.Join(errs...)
}

func contains(words []string, word string) bool {
	for _, w := range words {
		if strings.EqualFold(w, word) {
			return true
		}
	}
	return false
}

// checkWorkflows runs actionlint on every workflow and returns how many there are.
func checkWorkflows(folder string) (int, error) {
	var files []string
	for _, ending := range []string{"*.yaml", "*.yml"} {
		found, err := filepath.Glob(filepath.Join(folder, ".github", "workflows", ending))
		if err != nil {
			return 0, err
		}
		files = append(files, found...)
	}
	if len(files) == 0 {
		return 0, nil
	}
	linter, err := actionlint.NewLinter(io.Discard, &actionlint.LinterOptions{WorkingDir: folder})
	if err != nil {
		return 0, err
	}
	var errs []error
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return 0, err
		}
		relative, _ := filepath.Rel(folder, file)
		faults, err := linter.Lint(relative, content, nil)
		errs = append(errs, err)
		for _, fault := range faults {
			errs = append(errs, fault)
		}
	}
	return len(files), errors.Join(errs...)
}

// baseImages are the images that a Dockerfile's stages stand on; the last one is what its own image stands on.
func baseImages(dockerfile []byte) ([]string, error) {
	parsed, err := parser.Parse(bytes.NewReader(dockerfile))
	if err != nil {
		return nil, err
	}
	stages, arguments, err := instructions.Parse(parsed.AST, nil)
	if err != nil {
		return nil, err
	}
	values := map[string]string{}
	for _, argument := range arguments {
		for _, pair := range argument.Args {
			values[pair.Key] = pair.ValueString()
		}
	}
	standsOn := map[string]string{} // a stage may stand on an earlier one
	var bases []string
	for _, stage := range stages {
		base := os.Expand(stage.BaseName, func(name string) string { return values[name] })
		if earlier, ok := standsOn[strings.ToLower(base)]; ok {
			base = earlier
		}
		standsOn[strings.ToLower(stage.Name)] = base
		bases = append(bases, base)
	}
	if len(bases) == 0 {
		return nil, errors.New("there is no FROM")
	}
	return bases, nil
}
