package main

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/backlot-cli/backlot/generator"
)

// onHosting is a cell of another hosting than the usual one, with these files on each.
func onHosting(t *testing.T, usual, own map[string]string) *cell {
	t.Helper()
	project := func(files map[string]string) *generator.Project {
		p := &generator.Project{}
		for name, content := range files {
			p.Files = append(p.Files, generator.File{Path: name, Mode: 0o644, Content: []byte(content)})
		}
		return p
	}
	c := &cell{
		options:     &options{printing: &sync.Mutex{}, terraformed: &terraformRuns{}, work: t.TempDir(), timeout: time.Minute},
		combination: first, logs: t.TempDir(), base: project(usual), project: project(own), folder: writeFiles(t, own),
	}
	c.base.Answers.Hosting = "usual"
	return c
}

func TestShare(t *testing.T) {
	usual := map[string]string{"main.x": "code", "README.md": "usual"}
	for want, own := range map[string]map[string]string{
		"":                          {"main.x": "code", "README.md": "own", "deploy/main.tf": "more"},
		"main.x is not as on usual": {"main.x": "other", "README.md": "usual"},
		"main.x is missing":         {"README.md": "usual"},
	} {
		err := onHosting(t, usual, own).share(t.Context(), nil, &step{})
		if (err == nil) != (want == "") || err != nil && err.Error() != want {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestConfigurationsAlike(t *testing.T) {
	hashes := func(content string) configurationHashes {
		return configurations(onHosting(t, nil, map[string]string{"deploy/main.tf": content}).project)["deploy"]
	}
	one := hashes("command = [\"migrate\"]\nports = [1]\n")
	if other := hashes("command = [\"run\", \"this.x\", \"migrate\"]\nports = [1]\n"); other.exactly == one.exactly || other.alike != one.alike {
		t.Error("another command of the migration must not make tests run anew")
	}
	for _, content := range []string{"command = [\"migrate\"]\nports = [2]\n", "command = [\"serve\"]\nports = [1]\n", "other = [\"migrate\"]\nports = [1]\n"} {
		if other := hashes(content); other.exactly == one.exactly || other.alike == one.alike {
			t.Errorf("tests must run anew for %q", content)
		}
	}
}

// needTerraform leaves out what runs it. Nothing here needs a provider of a registry.
func needTerraform(t *testing.T) {
	t.Helper()
	if err := onPath([]string{"terraform"}); err != nil {
		t.Skip(err)
	}
}

const goodTest = `run "check" {
  assert {
    condition     = terraform_data.it.output == "this"
    error_message = "It is not this."
  }
}
`

func TestTerraform(t *testing.T) {
	needTerraform(t)
	const good = `resource "terraform_data" "it" {
  input = "this"
}
`
	const switched = `variable "secrets_version" {
  default = 1
}

variable "other" {
  default = false
}

resource "terraform_data" "it" {
  input = var.other || var.secrets_version > 1 ? "that" : "this"
}
`
	workflow := func(command string) string { return "jobs: {a: {steps: [{run: " + command + "}]}}\n" }
	for _, test := range []struct{ what, main, test, validated, applied string }{
		{"good", good, goodTest, "done", "done"},
		{"good without the settings", switched, goodTest, "done", "done"},
		{"disturbed by the settings", switched, goodTest, "done", "failed"},
		{"badly formatted", strings.Replace(good, "  input", "input", 1), goodTest, "failed", "skipped"},
		{"invalid", strings.Replace(good, "input", "inputs", 1), goodTest, "failed", "skipped"},
		{"false", strings.Replace(good, "this", "that", 1), goodTest, "done", "failed"},
		{"without tests", good, "", "done", "failed"},
	} {
		command := "rm terraform.tfvars && terraform test"
		if test.what == "disturbed by the settings" {
			command = "terraform test"
		}
		files := map[string]string{
			"deploy/main.tf": test.main, ".github/workflows/deploy.yaml": workflow(command), "deploy/terraform.tfvars.example": "# other = false\n",
		}
		if test.test != "" {
			files["deploy/tests/it.tftest.hcl"] = test.test
		}
		c := onHosting(t, nil, files)
		c.step(t.Context(), stepValidate, nil, c.validate)
		c.step(t.Context(), stepMockApply, []string{stepValidate}, c.mockApply)
		c.step(t.Context(), stepEmulate, []string{stepValidate}, c.emulate)
		if v, a := c.row.step(stepValidate), c.row.step(stepMockApply); string(v.Outcome) != test.validated || string(a.Outcome) != test.applied {
			t.Errorf("%s: %+v, %+v", test.what, v, a)
		}
		if test.what == "good" && (c.row.step(stepEmulate).Outcome != nothing || len(c.row.Providers) == 0 || !strings.HasPrefix(c.row.Providers[0], "Terraform 1.")) {
			t.Errorf("%+v", c.row)
		}
	}
}

func TestTerraformWithoutProviders(t *testing.T) {
	needTerraform(t)
	t.Setenv("TF_CLI_CONFIG_FILE", filepath.Join(writeFiles(t, map[string]string{"rc": "provider_installation {\n  filesystem_mirror {\n    path = \"/nowhere\"\n  }\n}\n"}), "rc"))
	c := onHosting(t, nil, map[string]string{"deploy/main.tf": "terraform {\n  required_providers {\n    absent = {\n      source = \"example/absent\"\n    }\n  }\n}\n"})
	c.step(t.Context(), stepValidate, nil, c.validate)
	c.step(t.Context(), stepMockApply, []string{stepValidate}, c.mockApply)
	if s := c.row.step(stepValidate); s.Outcome != skipped || !strings.Contains(s.Detail, "providers are not at hand") {
		t.Errorf("%+v", s)
	}
	if s := c.row.step(stepMockApply); s.Outcome != skipped {
		t.Errorf("%+v", s)
	}
}

func TestEmulate(t *testing.T) {
	needTerraform(t)
	if err := onPath([]string{"python3"}); err != nil {
		t.Skip(err)
	}
	emulator := &generator.Emulator{Provider: "maker/cloud", Serve: []string{"python3", "-m", "http.server", "--bind", "127.0.0.1", "{port}"}, Environment: []string{"TF_VAR_port={port}"}, Arguments: []string{"-var=name=x"}}
	const main = `variable "port" {
  type = number
}

variable "name" {
  type = string
}

resource "terraform_data" "it" {
  count = 2
  input = "${var.name} ${var.port}"
}
`
	const bad = main + `
resource "terraform_data" "bad" {
  input = terraform_data.it[0].output

  lifecycle {
    postcondition {
      condition     = self.output == "other"
      error_message = "No."
    }
  }
}
`
	for _, test := range []struct{ main, override, want string }{
		{main, "", "done 2 of 2 resources applied, and destroyed again"},
		{bad, "", "skipped 3 of 3 resources applied, then: Resource postcondition failed"},
		{bad, "resource \"terraform_data\" \"bad\" {\n  input = \"other\"\n}\n", "done 3 of 3 resources applied, and destroyed again"},
	} {
		c := onHosting(t, nil, map[string]string{"deploy/main.tf": test.main})
		with := *emulator
		with.Override = test.override
		c.emulator = &with
		c.step(t.Context(), stepEmulate, nil, c.emulate)
		s := c.row.step(stepEmulate)
		if got := string(s.Outcome) + " " + s.Detail; got != test.want {
			t.Errorf("%s, want %s", got, test.want)
		}
	}
	c := onHosting(t, nil, map[string]string{"deploy/main.tf": main})
	c.emulator, c.standIns, c.row.Providers = emulator, []string{"maker/cloud"}, []string{"Terraform 1", "maker/cloud 2.0.0"}
	c.step(t.Context(), stepEmulate, nil, c.emulate)
	if s := c.row.step(stepEmulate); s.Outcome != skipped || !strings.HasPrefix(s.Detail, "maker/cloud 2.0.0 is a stand-in") {
		t.Errorf("%+v", s)
	}
	if passed, failures, skips := count([]row{c.row}); passed+len(failures)+len(skips) != 0 {
		t.Errorf("an emulator is asked for: %d, %q, %q", passed, failures, skips)
	}
}

func TestCheckAgreement(t *testing.T) {
	files := map[string]string{
		"Dockerfile": "FROM base:1\nEXPOSE 8080\n",
		"compose.yaml": `services:
  app:
    build: .
    environment: {APP_ENV: production, PORT: "8080", DATABASE_URL: x, DATABASE_PASSWORD: x, JWT_SECRET: x}
    ports: ["127.0.0.1:8080:8080"]
  database:
    image: db:1
    environment: {OTHER_NAME: x}
`,
		"deploy/main.tf": `variable "settings" {
  type    = map(string)
  default = { SOME_SETTING = "" }
}

locals {
  port    = 8080
  secrets = ["JWT_SECRET"]
  environment = merge(var.settings, {
    APP_ENV         = "production"
    "DATABASE_URL"  = local.url
    TRUSTED_PROXIES = "1"
  })
}

resource "cloud_service" "it" {
  liveness_probe {
    http_get {
      path = "/healthz"
    }
  }
  readiness_probe {
    path = "/readyz"
  }
}
`,
	}
	for _, test := range []struct{ file, old, new, want string }{
		{"Dockerfile", "", "", ""},
		{"Dockerfile", "8080", "80", "does not expose 8080"},
		{"compose.yaml", "JWT_SECRET", "METRICS_TOKEN", "compose.yaml sets METRICS_TOKEN, Terraform does not"},
		{"deploy/main.tf", "JWT_SECRET", "METRICS_TOKEN", "compose.yaml sets JWT_SECRET, Terraform does not"},
		{"deploy/main.tf", "TRUSTED_PROXIES", "TRUSTED_PROXY", "sets TRUSTED_PROXY, which the service does not read"},
		{"deploy/main.tf", "TRUSTED_PROXIES", "LOG_LEVEL", "Terraform sets LOG_LEVEL, compose.yaml does not"},
		{"deploy/main.tf", "= 8080", "= 80", `the ports ["80"], compose.yaml 8080`},
		{"deploy/main.tf", `"/healthz"`, `"/readyz"`, "liveness_probe asks /readyz"},
		{"deploy/main.tf", `"/readyz"`, `"/healthz"`, "readiness_probe asks /healthz"},
		{"deploy/main.tf", "liveness_probe", "other", "nothing asks /healthz"},
	} {
		changed := map[string]string{}
		for name, content := range files {
			if name == test.file {
				content = strings.ReplaceAll(content, test.old, test.new)
			}
			changed[name] = content
		}
		folder := writeFiles(t, changed)
		err := checkAgreement(t.Context(), folder, filepath.Join(folder, "deploy"))
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.new, err, test.want)
		}
	}
}

func TestTestCommand(t *testing.T) {
	for workflow, want := range map[string]string{
		"jobs:\n  a: {uses: ./x}\n  b:\n    steps:\n      - run: make\n      - run: rm x && terraform test # why\n": "rm x && terraform test",
		"jobs:\n  b:\n    steps:\n      - run: make\n":                                                              "no workflow runs terraform test",
		"jobs: [": "deploy.yaml: ",
	} {
		command, err := testCommand(writeFiles(t, map[string]string{".github/workflows/deploy.yaml": workflow}))
		if err != nil {
			command = err.Error()
		}
		if !strings.HasPrefix(command, want) {
			t.Errorf("%q, want %q", command, want)
		}
	}
}

func TestFillSettings(t *testing.T) {
	folder := writeFiles(t, map[string]string{"terraform.tfvars.example": "# Prose = is prose.\nregion = \"x\"\n# keep = true\n# large = false\n# sizes = {\n#   SMALL = 1\n# }\n"})
	if err := fillSettings(folder); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(folder, "terraform.tfvars"))
	const want = "# Prose = is prose.\nregion = \"x\"\nkeep = false\nlarge = true\nsizes = {\n  SMALL = 1\n}\nsecrets_version = 2\n"
	if err != nil || string(got) != want {
		t.Errorf("%q, %v, want %q", got, err, want)
	}
}

func TestCheckSecrets(t *testing.T) {
	const locals = "locals {\n  password = uuid()\n  url      = \"db://app:${local.password}@host\"\n  all      = { URL = local.url }\n  region   = \"x\"\n}\n"
	for content, want := range map[string]string{
		locals + "resource \"secret\" \"it\" {\n  value_wo = local.all[each.key]\n  region = local.region\n}\n": "",
		locals + "resource \"secret\" \"it\" {\n  value = local.all[each.key]\n}\n":                             "hold a secret: resource.secret.it.value",
		locals + "resource \"user\" \"it\" {\n  login {\n    words = [upper(local.password)]\n  }\n}\n":         "hold a secret: resource.user.it.login.words",
		locals + "output \"url\" {\n  value = local.url\n}\n":                                                   "hold a secret: output.url.value",
		"locals {\n  region = \"x\"\n}\nresource \"data\" \"it\" {\n  input = \"${uuid()}\"\n}\n":               "draws no secrets",
		locals + "resource \"data\" \"it\" {\n  input = \"${uuid()}\"\n}\n":                                     "hold a secret: resource.data.it.input",
	} {
		err := checkSecrets(writeFiles(t, map[string]string{"main.tf": content}))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", content, err, want)
		}
	}
}

func TestDockerfiles(t *testing.T) {
	folder := writeFiles(t, map[string]string{"Dockerfile": "", "deploy/Dockerfile": "", "other": ""})
	if found, err := dockerfiles(folder); err != nil || len(found) != 2 {
		t.Errorf("%q, %v", found, err)
	}
}

func TestCheckExample(t *testing.T) {
	const variables = "variable \"region\" {}\nvariable \"sizes\" {}\n"
	for content, want := range map[string]string{
		"# Prose = is prose.\nregion = \"x\"\n# sizes = {\n#   SMALL = 1\n# }\n": "",
		"region = \"x\"\n# size = 1\n":                                           "sets size, which is no variable",
		"region = x y\n":                                                         "terraform.tfvars.example:1",
		"# Nothing.\n":                                                           "sets nothing",
	} {
		folder := writeFiles(t, map[string]string{"main.tf": variables, "terraform.tfvars.example": content})
		err := checkExample(folder)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", content, err, want)
		}
	}
}
