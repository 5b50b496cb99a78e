# SPDX-License-Identifier: Apache-2.0
# bash completion for jeton. What there is to complete is asked of the program itself.

_jeton() {
    local cur prev words cword split
    _init_completion || return
    local program=${words[0]} command=${words[1]} second=${words[2]} list options value
    list=$("$program" --list-commands 2>/dev/null) || return

    if [ "$cword" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "$(cut -f1 <<<"$list" | cut -d' ' -f1 | sort -u)" -- "$cur")
        return
    fi
    if grep -q "^$command " <<<"$list"; then # a noun: its verb comes second
        if [ "$cword" -eq 2 ]; then
            mapfile -t COMPREPLY < <(compgen -W "$(grep "^$command " <<<"$list" | cut -f1 | cut -d' ' -f2 | sort -u)" -- "$cur")
            return
        fi
        command="$command $second"
    fi
    value=$(awk -F'\t' -v c="$command" -v o="$prev" '$1 == c && $2 == o { print $3 }' <<<"$list")
    case "$value" in
    FILE | DIR) _filedir && return ;;
    ?*) return ;;
    esac
    options=$(awk -F'\t' -v c="$command" '$1 == c && $2 != "" { print $2 }' <<<"$list")
    mapfile -t COMPREPLY < <(compgen -W "$options --help" -- "$cur")
}
complete -F _jeton jeton
