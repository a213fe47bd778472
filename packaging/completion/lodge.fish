# Completion of lodge(1) for fish. Slots, presets, clients, sessions, invitations and apps come from the host, if it answers within a second.

function __lodge_words --description 'The words of the command line that are no options'
    set -l skip 0
    for word in (commandline -opc)[2..]
        if test $skip -eq 1
            set skip 0
            continue
        end
        switch $word
            case --host --state --token-file --ca --timeout --seconds --mode --client --preset --until --label \
                --uses --stay
                set skip 1
            case '-*'
            case '*'
                echo $word
        end
    end
end

function __lodge_ask --description 'Asks the host that the command line names'
    set -l where
    set -l skip ''
    for word in (commandline -opc)[2..]
        if test -n "$skip"
            set -a where $skip $word
            set skip ''
        else if contains -- $word --host --state --token-file --ca
            set skip $word
        end
    end
    set -l program (commandline -opc)[1]
    $program complete $argv[1] --timeout 1 $where 2>/dev/null
end

# True when the words so far are these.
function __lodge_at
    set -l words (__lodge_words)
    test "$words" = "$argv"
end

# True when the words so far begin with these, and are at least as many as the first argument says.
function __lodge_under
    set -l words (__lodge_words)
    set -l wanted $argv[2..]
    set -l last (count $wanted)
    test (count $words) -ge $argv[1]; and test "$words[1..$last]" = "$wanted"
end

complete -c lodge -f
complete -c lodge -l host -x -d 'The host'
complete -c lodge -l state -x -a '(__fish_complete_directories)' -d 'State folder of lodged'
complete -c lodge -l token-file -r -F -d 'File with the admin token'
complete -c lodge -l ca -r -F -d 'Certificate of the host or its authority'
complete -c lodge -l timeout -x -d 'Longest wait for an answer'
complete -c lodge -l json -d 'Documents instead of tables'
complete -c lodge -l version
complete -c lodge -l help

complete -c lodge -n '__lodge_at' -a status -d Counts
complete -c lodge -n '__lodge_at' -a displays -d 'Every display'
complete -c lodge -n '__lodge_at' -a release -d 'Close a kept display'
complete -c lodge -n '__lodge_at' -a preset -d 'List or choose a preset'
complete -c lodge -n '__lodge_at' -a settings -d 'The policy for displays'
complete -c lodge -n '__lodge_at' -a pair -d 'Make a PIN and wait'
complete -c lodge -n '__lodge_at' -a clients -d 'Paired clients'
complete -c lodge -n '__lodge_at' -a sessions -d 'Who is attached'
complete -c lodge -n '__lodge_at' -a who -d 'Who is on the desktop'
complete -c lodge -n '__lodge_at' -a control -d 'Who has control and who waits'
complete -c lodge -n '__lodge_at' -a grants -d 'What clients may do'
complete -c lodge -n '__lodge_at' -a invite -d 'Links and PINs for guests'
complete -c lodge -n '__lodge_at' -a apps -d 'Programs that clients may start'
complete -c lodge -n '__lodge_at' -a explain -d 'What would happen'
complete -c lodge -n '__lodge_at' -a watch -d 'What changes'
complete -c lodge -n '__lodge_at' -a console -d 'Address and login code'

complete -c lodge -n '__lodge_at displays' -a list
complete -c lodge -n '__lodge_at release' -a '(__lodge_ask slots)'
complete -c lodge -n '__lodge_under 1 release' -l all -d 'Every kept display'
complete -c lodge -n '__lodge_at preset' -a '(__lodge_ask presets) custom'
complete -c lodge -n '__lodge_at settings' -a 'get set edit-from-file reset'
complete -c lodge -n '__lodge_under 2 settings set' \
    -a 'preset= keep_alive= topology= mode_conflict= identity= layout= desktop= confinement= max_displays= presence= control= input='
complete -c lodge -n '__lodge_at settings edit-from-file' -F
complete -c lodge -n '__lodge_at pair' -a 'cancel approve deny'
complete -c lodge -n '__lodge_under 1 pair' -l seconds -x -d 'How long the PIN holds'
complete -c lodge -n '__lodge_at pair approve; or __lodge_at pair deny' -a '(__lodge_ask requests)'
complete -c lodge -n '__lodge_at clients' -a 'list rename person override unpair'
complete -c lodge -n '__lodge_at clients rename; or __lodge_at clients override; or __lodge_at clients unpair; or __lodge_at clients person' \
    -a '(__lodge_ask clients)'
complete -c lodge -n '__lodge_under 3 clients override' \
    -a 'preset= keep_alive= topology= mode_conflict= identity= layout= desktop= confinement='
complete -c lodge -n '__lodge_under 2 clients override' -l reset -d 'Remove every override'
complete -c lodge -n '__lodge_at sessions' -a 'list end'
complete -c lodge -n '__lodge_at sessions end' -a '(__lodge_ask sessions)'
set -l grants 'full controller view pointer keyboard gamepad clipboard microphone launch'
complete -c lodge -n '__lodge_at control' -a 'take give grant deny'
complete -c lodge -n '__lodge_at control give' -a '(__lodge_ask sessions)'
complete -c lodge -n '__lodge_at control grant; or __lodge_at control deny' -a '(__lodge_ask waiting)'
complete -c lodge -n '__lodge_at grants' -a '(__lodge_ask clients)'
complete -c lodge -n '__lodge_under 2 grants' -a "$grants"
complete -c lodge -n '__lodge_under 1 grants; or __lodge_under 2 invite create' -l until -x -d 'Until when'
complete -c lodge -n '__lodge_under 1 grants; or __lodge_under 2 invite create' -l seconds -x -d 'For how long'
complete -c lodge -n '__lodge_under 1 grants' -l until-they-leave -d 'Until the last session of the client ends'
complete -c lodge -n '__lodge_at invite' -a 'list create revoke'
complete -c lodge -n '__lodge_under 2 invite create' -a "$grants"
complete -c lodge -n '__lodge_under 2 invite create' -l label -x -d 'What the invitation is called'
complete -c lodge -n '__lodge_under 2 invite create' -l uses -x -d 'How many guests'
complete -c lodge -n '__lodge_under 2 invite create' -l stay -x -d 'How long a guest may stay'
complete -c lodge -n '__lodge_at invite revoke' -a '(__lodge_ask invitations)'
complete -c lodge -n '__lodge_under 2 invite revoke' -l end-guests -d 'Send its guests away'
complete -c lodge -n '__lodge_at apps' -a 'list add set remove'
complete -c lodge -n '__lodge_at apps set; or __lodge_at apps remove' -a '(__lodge_ask apps)'
complete -c lodge -n '__lodge_under 3 apps add; or __lodge_under 3 apps set' \
    -a 'name= command= desktop=shared desktop=isolated mode= icon= environment.'
complete -c lodge -n '__lodge_under 1 explain' -l mode -x -a '1280x720 1920x1080 2560x1440 3840x2160'
complete -c lodge -n '__lodge_under 1 explain' -l client -x -a '(__lodge_ask clients)'
complete -c lodge -n '__lodge_under 1 explain' -l preset -x -a '(__lodge_ask presets)'
complete -c lodge -n '__lodge_at console' -a code
