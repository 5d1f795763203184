namespace Networking.Netctl.Completion;

/// <summary>The scripts that teach a shell to ask <c>netctl complete</c>.</summary>
internal static class CompletionScript
{
    public static string For(string shell) => shell switch
    {
        "bash" => Bash,
        "zsh" => Zsh,
        "fish" => Fish,
        _ => throw new UsageException($"{shell}: there are scripts for bash, zsh and fish."),
    };

    private const string Bash = """
        # netctl completion for bash. Load it with: source <(netctl completion bash)
        _netctl() {
            local IFS=$'\n' line
            # bash breaks words at ':' and '='; candidates are whole words, so break where netctl does: at blanks.
            local words=()
            read -r -d '' -a words < <(tr ' \t' '\n\n' <<<"${COMP_LINE:0:COMP_POINT}"; printf '\0')
            [[ "${COMP_LINE:0:COMP_POINT}" == *[[:blank:]] ]] && words+=("")
            local current="${words[-1]}" cut=""
            [[ "$current" == *[:=]* ]] && cut="${current%"${current##*[:=]}"}"
            COMPREPLY=()
            while read -r line; do
                line="${line%%$'\t'*}"
                COMPREPLY+=("${line#"$cut"}")
            done < <("${words[0]}" complete -- "${words[@]:1}" 2>/dev/null)
            [[ "${COMPREPLY[0]-}" == *= ]] && compopt -o nospace
        }
        complete -o default -F _netctl netctl

        """;

    private const string Zsh = """
        #compdef netctl
        # netctl completion for zsh. Load it with: source <(netctl completion zsh)
        _netctl() {
            local -a candidates
            local line
            for line in "${(@f)$("${words[1]}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
                [[ -n "$line" ]] || continue
                # _describe takes value:description; a colon of the value itself is escaped.
                candidates+=("${${line%%$'\t'*}//:/\\:}:${${line#*$'\t'}/#$line/}")
            done
            if (( ${#candidates} )); then
                _describe netctl candidates
            else
                _files
            fi
        }
        if [[ "${funcstack[1]}" == _netctl ]]; then
            _netctl "$@"
        else
            compdef _netctl netctl
        fi

        """;

    private const string Fish = """
        # netctl completion for fish. Load it with: netctl completion fish | source
        function __netctl_complete
            set -l words (commandline -opc) (commandline -ct)
            $words[1] complete -- $words[2..-1] 2>/dev/null
        end
        # fish brings words for another program of this name: let it load them now, then forget them.
        complete -C 'netctl ' >/dev/null
        complete -c netctl -e
        complete -c netctl -f -a '(__netctl_complete)'

        """;
}
