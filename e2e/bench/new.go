package main

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// measureNew makes projects and copies them, in turns.
func measureNew(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("new", flag.ExitOnError)
	folder := flags.String("folder", "", "work in a folder of this one (default: in memory)")
	program := flags.String("backlot", "", "use this program instead of building one")
	runs := flags.Int("runs", 41, "how often each is run")
	sizes := flags.String("resources", "default,50,100,190", "projects of this many resources")
	cookiecutter := flags.String("cookiecutter", "", "a cookiecutter `program` to compare with")
	_ = flags.Parse(args)
	work, err := workFolder(*folder)
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }()
	if *program == "" {
		root, err := repository()
		if err != nil {
			return err
		}
		*program = filepath.Join(work, "backlot")
		if err := build(ctx, root, *program, "."); err != nil {
			return err
		}
	}
	printMachine()
	fmt.Println("| files | backlot new, ms | cp -r, ms | ratio | peak memory, MiB |")
	fmt.Println("| --- | --- | --- | --- | --- |")
	for size := range strings.SplitSeq(*sizes, ",") {
		if err := measureSize(ctx, work, *program, size, *runs, *cookiecutter); err != nil {
			return err
		}
	}
	return nil
}

func measureSize(ctx context.Context, work, program, size string, runs int, cookiecutter string) error {
	made := filepath.Join(work, "made", "shop")
	if err := os.MkdirAll(filepath.Dir(made), 0o750); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(filepath.Dir(made)) }()
	arguments := []string{"new", "shop", "--yes", "--no-git"}
	if size != "default" {
		answers, err := writeAnswers(work, size)
		if err != nil {
			return err
		}
		arguments = append(arguments, "--answers", answers)
	}
	if err := command(ctx, work, append(append([]string{program}, arguments...), "--dir", made)...); err != nil {
		return err
	}
	files, _, err := countFiles(made)
	if err != nil {
		return err
	}
	target := filepath.Join(work, "target")
	making := append(append([]string{program}, arguments...), "--dir", target)
	copying := []string{"cp", "-r", made, target}
	var make, copied, peak series
	for i := range runs {
		times := map[bool]float64{}
		for _, copies := range []bool{i%2 == 0, i%2 != 0} {
			argv := making
			if copies {
				argv = copying
			}
			if times[copies], err = timed(ctx, target, argv); err != nil {
				return err
			}
		}
		make, copied = append(make, times[false]), append(copied, times[true])
	}
	for range 5 {
		mebibytes, err := peakMemory(ctx, making...)
		if err != nil {
			return err
		}
		peak = append(peak, mebibytes)
		if err := os.RemoveAll(target); err != nil {
			return err
		}
	}
	fmt.Printf("| %d | %s | %s | %s | %s |\n", files, make.spread("%.1f"), copied.spread("%.1f"), make.per(copied).spread("%.2f"), peak.spread("%.1f"))
	if cookiecutter == "" {
		return nil
	}
	template := filepath.Join(work, "template")
	if err := cookiecutterTemplate(made, template); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(template) }()
	var baked, beside series
	for range min(runs, 7) {
		time, err := timed(ctx, target, []string{cookiecutter, "--no-input", "--output-dir", target, template})
		if err != nil {
			return err
		}
		baked = append(baked, time)
		if time, err = timed(ctx, target, making); err != nil {
			return err
		}
		beside = append(beside, time)
	}
	fmt.Printf("\ncookiecutter, %d files: %s ms, %s times as long as backlot\n\n", files, baked.spread("%.0f"), baked.per(beside).spread("%.0f"))
	return nil
}

// timed runs a command, and removes what it made.
func timed(ctx context.Context, target string, argv []string) (float64, error) {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	start := time.Now()
	err := cmd.Run()
	duration := time.Since(start)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", strings.Join(argv, " "), err)
	}
	return milliseconds(duration), os.RemoveAll(target)
}

// writeAnswers writes answers with a number of resources.
func writeAnswers(work, resources string) (string, error) {
	var number int
	if _, err := fmt.Sscan(resources, &number); err != nil {
		return "", fmt.Errorf("-resources %s: %w", resources, err)
	}
	var answers strings.Builder
	answers.WriteString("resources:\n")
	for i := range number {
		fmt.Fprintf(&answers, "  - part%d name:string notes:text? price:decimal? sku:string:unique active:boolean\n", i)
	}
	file := filepath.Join(work, "answers.yaml")
	return file, os.WriteFile(file, []byte(answers.String()), 0o600)
}

// cookiecutterTemplate makes a template of a project's files; the project's name is what it fills in.
func cookiecutterTemplate(project, template string) error {
	inside := filepath.Join(template, "{{cookiecutter.name}}")
	var verbatim []string
	err := filepath.WalkDir(project, func(file string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(project, file)
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		text := string(content)
		if strings.Contains(text, "{{") || strings.Contains(text, "{%") || strings.Contains(text, "{#") {
			verbatim = append(verbatim, fmt.Sprintf("%q", name))
		} else {
			text = strings.ReplaceAll(text, "example.com/shop", "example.com/{{cookiecutter.name}}")
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(inside, name)), 0o750); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(inside, name), []byte(text), fs.FileMode(0o600))
	})
	if err != nil {
		return err
	}
	context := fmt.Sprintf(`{"name": "shop", "_copy_without_render": [%s]}`, strings.Join(verbatim, ", "))
	return os.WriteFile(filepath.Join(template, "cookiecutter.json"), []byte(context), 0o600)
}
