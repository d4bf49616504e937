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
for values in 'family=auto web dns auth' 'color=always never auto' 'matcher=hs pcre2' 'format=stix misp iodef intelmq' \
        'dns-role=auto authoritative resolver' 'alert-level=informational low medium high critical'
    set -l pair (string split -m 1 = $values)
    complete -c siagactl -l $pair[1] -x -n 'test (count (commandline -opc)) -gt 1' -a $pair[2]
end
complete -c siagactl -n 'test (count (commandline -opc)) -eq 2; and contains new (commandline -opc)' -f -a 'pattern rule'
