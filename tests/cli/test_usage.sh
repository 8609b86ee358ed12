# SPDX-License-Identifier: MIT
# Wrong usage: exit code 2, one clear message, the nearest name.
. "$(dirname "$0")/cli.sh"

code 2
says "a command is needed"
code 2 rnu x.yaml
says "there is no command 'rnu'"
says "did you mean 'run'?"
code 2 zzzzzzzz
says "'irqsim --help' lists the commands"
code 2 run
says "'run' needs a file: SCENARIO"
code 2 run a b
says "'b' is too many"
code 2 run --jsno x.yaml
says "'run' has no option '--jsno'"
says "did you mean '--json'?"
code 2 run -x x.yaml
says "'run' has no option '-x'"
code 2 run x.yaml --trace
says "option '--trace' needs a value: FILE"
code 2 run x.yaml --json=yes
says "option '--json' takes no value"
code 2 check --json x.yaml
says "'check' has no option '--json'"
code 2 import capture.txt
says "'import' needs an output file"
code 2 help rnu
says "did you mean 'run'?"

code 0 --version
prints "irqsim "
silent
code 0 -V
code 0 -h
code 0 help run
prints "Usage: irqsim run"
code 0 run x.yaml --help
prints "Usage: irqsim run"

# Files that are not there or not what they should be: 3.
code 3 run nowhere.yaml
says "nowhere.yaml"
code 3 replay nowhere.gz
code 3 replay nowhere.gz --on nowhere.yaml
code 3 dump nowhere.trace
code 3 info nowhere
code 3 import nowhere.txt -o a.gz
[ ! -e a.gz ] || bad "a failed import left a file"
echo "no event in here" >text
code 3 import text -o a.gz
[ ! -e a.gz ] || bad "a failed import left a file"
code 3 dump text
code 3 info text
says "neither a scenario"
printf 'irqsim-arrivals 1\ncpus 2\nat x\n' >list
code 3 info list
says "list:3:"
code 3 replay list
says "list:3:"

# A scenario's mistakes: place, path, hint.
scenario s.yaml "all lost == 0"
sed 's/handler: 3us/handlr: 3us/' s.yaml >wrong.yaml
for command in check run info; do
    code 3 $command wrong.yaml
    says "wrong.yaml:5:"
    says "error: devices[0].handlr"
    says "  hint: did you mean 'handler'?"
    grep -q "$(printf '\033')" err && bad "colour, and this is no terminal"
done
code 0 check s.yaml
prints "s.yaml: ok"
# A machine for replay --on: nothing arrives on it by itself.
printf 'irqsim: 1\nmachine: {profile: i486-pc}\n' >base.yaml
code 0 check base.yaml
code 3 run base.yaml
finish
