# bash completion of siagactl.  The program says itself which commands and options it has.
_siagactl()
{
  local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" command="${COMP_WORDS[1]}"
  if [ "$COMP_CWORD" -eq 1 ]; then
    mapfile -t COMPREPLY < <(compgen -W "$(siagactl --help 2>/dev/null | sed -n 's/^  \([a-z]*\) .*/\1/p')" -- "$word")
    return
  fi
  case "$before" in
    --family) mapfile -t COMPREPLY < <(compgen -W 'auto web dns auth' -- "$word"); return ;;
    --color) mapfile -t COMPREPLY < <(compgen -W 'always never auto' -- "$word"); return ;;
    --matcher) mapfile -t COMPREPLY < <(compgen -W 'hs pcre2' -- "$word"); return ;;
    --format) mapfile -t COMPREPLY < <(compgen -W 'stix misp iodef intelmq' -- "$word"); return ;;
    --dns-role) mapfile -t COMPREPLY < <(compgen -W 'auto authoritative resolver' -- "$word"); return ;;
    --alert-level) mapfile -t COMPREPLY < <(compgen -W 'informational low medium high critical' -- "$word"); return ;;
  esac
  case "$word" in
    -*) mapfile -t COMPREPLY < <(compgen -W "$(siagactl "$command" --help-all 2>/dev/null | grep -o -- '--[a-z][a-z-]*')" -- "$word") ;;
    *) [ "$command" = new ] && [ "$COMP_CWORD" -eq 2 ] && mapfile -t COMPREPLY < <(compgen -W 'pattern rule' -- "$word") ;;
  esac
}
complete -o default -F _siagactl siagactl
