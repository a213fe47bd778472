# Completion of lodge(1) for bash. Slots, presets, clients, sessions, invitations and apps come from the host, if it answers within a second.
_lodge() {
	local cur=${COMP_WORDS[COMP_CWORD]} word command='' verb='' skip=''
	local general='--host --state --token-file --ca --timeout --json --version --help'
	local fields='preset= keep_alive= topology= mode_conflict= identity= layout= desktop= confinement='
	local app_fields='name= command= desktop=shared desktop=isolated mode= icon= environment.'
	local grants='full controller view pointer keyboard gamepad clipboard microphone launch'
	local -a where=()
	local i count=0
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		case $skip in
		--host | --state | --token-file | --ca) where+=("$skip" "$word") ;;
		esac
		if [[ -n $skip ]]; then
			skip=''
			continue
		fi
		case $word in
		--host | --state | --token-file | --ca | --timeout | --seconds | --mode | --client | --preset | --until | --label | --uses | --stay)
			skip=$word
			;;
		-*) ;;
		*)
			count=$((count + 1))
			[[ $count -eq 1 ]] && command=$word
			[[ $count -eq 2 ]] && verb=$word
			;;
		esac
	done
	_lodge_ask() { "${COMP_WORDS[0]}" complete "$1" --timeout 1 ${where[@]+"${where[@]}"} 2>/dev/null; }
	local words=''
	case $skip in
	--state) mapfile -t COMPREPLY < <(compgen -d -- "$cur"); return ;;
	--token-file | --ca) mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
	--client) words=$(_lodge_ask clients) ;;
	--preset) words=$(_lodge_ask presets) ;;
	--mode) words='1280x720 1920x1080 2560x1440 3840x2160' ;;
	--host | --timeout | --seconds | --until | --label | --uses | --stay) return ;;
	*)
		case $command in
		'') words='status displays release preset settings pair clients sessions who control grants invite apps explain watch console' ;;
		displays) [[ -z $verb ]] && words='list' ;;
		release) [[ -z $verb ]] && words="--all $(_lodge_ask slots)" ;;
		preset) [[ -z $verb ]] && words="custom $(_lodge_ask presets)" ;;
		settings)
			case $verb in
			'') words='get set edit-from-file reset' ;;
			set) words="$fields max_displays= presence= control= input=" ;;
			edit-from-file) mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
			esac
			;;
		pair)
			case $verb in
			'') words='cancel approve deny --seconds' ;;
			approve | deny) [[ $count -eq 2 ]] && words=$(_lodge_ask requests) ;;
			esac
			;;
		clients)
			case $verb in
			'') words='list rename person override unpair' ;;
			rename | person | override | unpair)
				if [[ $count -eq 2 ]]; then
					words=$(_lodge_ask clients)
				elif [[ $verb == override ]]; then
					words="--reset $fields"
				fi
				;;
			esac
			;;
		sessions)
			case $verb in
			'') words='list end' ;;
			end) [[ $count -eq 2 ]] && words=$(_lodge_ask sessions) ;;
			esac
			;;
		control)
			case $verb in
			'') words='take give grant deny' ;;
			give) [[ $count -eq 2 ]] && words=$(_lodge_ask sessions) ;;
			grant | deny) [[ $count -eq 2 ]] && words=$(_lodge_ask waiting) ;;
			esac
			;;
		grants)
			if [[ $count -eq 1 ]]; then
				words=$(_lodge_ask clients)
			else
				words="$grants --until --seconds --until-they-leave"
			fi
			;;
		invite)
			case $verb in
			'') words='list create revoke' ;;
			create) words="$grants --label --until --seconds --uses --stay" ;;
			revoke)
				words='--end-guests'
				[[ $count -eq 2 ]] && words="$words $(_lodge_ask invitations)"
				;;
			esac
			;;
		apps)
			case $verb in
			'') words='list add set remove' ;;
			set | remove)
				if [[ $count -eq 2 ]]; then
					words=$(_lodge_ask apps)
				elif [[ $verb == set ]]; then
					words=$app_fields
				fi
				;;
			add) [[ $count -gt 2 ]] && words=$app_fields ;;
			esac
			;;
		explain) words='--mode --client --preset' ;;
		console) [[ -z $verb ]] && words='code' ;;
		esac
		[[ $cur == -* ]] && words="$words $general"
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
	# A field waits for its value.
	[[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=.] ]] && compopt -o nospace
	unset -f _lodge_ask
}
complete -F _lodge lodge
