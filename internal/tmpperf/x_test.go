package tmpperf

import (
	"testing"

	"github.com/backlot-cli/backlot/generator"
	"github.com/backlot-cli/backlot/templates"
)

func BenchmarkGenerate(b *testing.B) {
	r, _ := generator.ParseResource(generator.DefaultResource)
	for b.Loop() {
		c, _ := generator.Load(templates.Tree())
		if _, err := c.Generate(generator.Answers{Name: "shop", Language: "go", Database: "sqlite", Hosting: "none", Resources: []generator.Resource{r}}); err != nil {
			b.Fatal(err)
		}
	}
}
