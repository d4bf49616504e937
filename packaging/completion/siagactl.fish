# fish completion of siagactl.  The program says itself which commands and options it has.
function __siagactl_commands
    siagactl --help 2>/dev/null | sed -n 's/^  \([a-z]*\)  *\(.*\)/\1\t\2/p'
end
function __siagactl_options
    set -l words (commandline -opc)
    siagactl $words[2] --help-all 2>/dev/null | grep -o -- '--[a-z][a-z-]*'
end
complete -c siagactl -n 'test (count (commandline -opc)) -eq 1' -f -a '(__siagactl_commands)'
complete -c siagactl -n 'test (count (commandline -opc)) -gt 1; and string match -q -- "-*" (commandline -ct)' -f -a '(__siagactl_options)'
