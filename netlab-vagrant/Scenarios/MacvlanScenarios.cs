namespace Networking.Netlab.Scenarios;

/// <summary>Containers on the wire itself.</summary>
internal static class MacvlanScenarios
{
    // On the first host: what containers of the scenario below reach, and what keeps them apart.
    private const string Apart = """
        same 50 "$(ip -j -d link show "$TRUNK.50" | jq '.[0].linkinfo.info_data.id')" 'the tag of the first VLAN'
        reaches a 10.150.0.200
        reaches b 10.160.0.200
        reaches a 10.150.0.11
        reaches a fd50::200
        reaches a fd50::11
        reaches d fd70::200
        same 0 "$(inside d ip -j -4 addr show dev eth0 | jq '[.[].addr_info[]?] | length')" 'IPv4 addresses of a network without IPv4'
        # Each takes the others' subnets for its own wire's, so nothing but the tag keeps them apart: who has such an
        # address in the right VLAN is reached.
        inside a ip route add 10.160.0.0/24 dev eth0
        inside a ip route add fd70::/64 dev eth0
        inside b ip route add 10.150.0.0/24 dev eth0
        inside d ip route add fd50::/64 dev eth0
        reaches a 10.160.0.201
        reaches a fd70::201
        reaches b 10.150.0.202
        reaches d fd50::202
        at_once 'misses a 10.160.0.10' 'misses b 10.150.0.10' 'misses a fd70::10' 'misses d fd50::10'
        """;

    // A second network on the first VLAN, one on a VLAN that was made by hand; netd starts anew under their traffic, and networks go.
    private const string Shared = """
        ip link add link "$TRUNK" name "$TRUNK.80" type vlan id 80
        ip link set "$TRUNK.80" up
        netctl create v50b --driver macvlan --subnet 10.151.0.0/24 -o parent="$TRUNK.50" >/dev/null
        netctl create v80 --driver macvlan --subnet 10.180.0.0/24 -o parent="$TRUNK.80" >/dev/null
        container v50b e --ip 10.151.0.10
        container v80 f --ip 10.180.0.10
        reaches e 10.151.0.200
        reaches f 10.180.0.200
        setsid nsenter --net="$(path_of e)" ping -q -n -i 0.2 10.151.0.200 >/tmp/lab-ping 2>&1 </dev/null &
        pinger=$!
        service_restart
        eventually netctl diff --exit-code
        for name in a c; do api DELETE "sandboxes/$name?force=true" >/dev/null; done
        netctl rm v50 >/dev/null
        reaches e 10.151.0.200
        kill -INT "$pinger"
        wait "$pinger" || true
        grep -q ' 0% packet loss' /tmp/lab-ping || { cat /tmp/lab-ping; false; }
        api DELETE 'sandboxes/f?force=true' >/dev/null
        netctl rm v80 >/dev/null
        clean
        gone() { ! ip -o link | has "$TRUNK\.(50|60|70)@"; }
        eventually gone
        ip link show "$TRUNK.80" | has "$TRUNK.80@$TRUNK.*,UP"
        """;

    public static Scenario TrunkTwoVlans { get; } = new(
        "macvlan-trunk-two-vlans", "VLANs of one trunk for both families and for IPv6 alone, an outside host on each: frames carry their tags, and the VLANs do not meet", [Feature.Vlan], static async stage =>
        {
            _ = await stage.OnH2Async(
                """
                for vlan in 50 60 70 80; do
                    ip link add link "$TRUNK" name "$TRUNK.$vlan" type vlan id "$vlan"
                    ip addr add "10.1$vlan.0.200/24" dev "$TRUNK.$vlan"
                    ip addr add "fd$vlan::200/64" dev "$TRUNK.$vlan" nodad
                    ip link set "$TRUNK.$vlan" up
                done
                ip addr add 10.151.0.200/24 dev "$TRUNK.50"
                # Of another VLAN's subnet, and at the wrong one.
                ip addr add 10.160.0.201/32 dev "$TRUNK.50"
                ip addr add fd70::201/128 dev "$TRUNK.50" nodad
                ip addr add 10.150.0.202/32 dev "$TRUNK.60"
                ip addr add fd50::202/128 dev "$TRUNK.70" nodad
                """);
            try
            {
                _ = await stage.OnH1Async(
                    """
                    netctl create v50 --driver macvlan --subnet 10.150.0.0/24 --subnet fd50::/64 -o parent="$TRUNK.50" >/dev/null
                    netctl create v60 --driver macvlan --subnet 10.160.0.0/24 -o parent="$TRUNK.60" >/dev/null
                    netctl create v70 --driver macvlan --ipv4=false --subnet fd70::/64 -o parent="$TRUNK.70" >/dev/null
                    container v50 a --ip 10.150.0.10 --ip6 fd50::10
                    container v60 b --ip 10.160.0.10
                    container v50 c --ip 10.150.0.11 --ip6 fd50::11
                    container v70 d --ip6 fd70::10

                    """ + Apart);
                _ = await stage.OnH2Async(
                    """
                    setsid tcpdump -n -e -i "$TRUNK" -c 1 'vlan 60 and icmp' >/tmp/lab-tag 2>/dev/null </dev/null &
                    watcher=$!
                    eventually ping -q -n -c 1 -W 2 10.150.0.10 >/dev/null
                    # Frames of the second VLAN are tagged on the wire, whatever the interfaces are called.
                    tagged() { ping -q -n -c 1 -W 2 10.160.0.10 >/dev/null; ! kill -0 "$watcher" 2>/dev/null && grep -q 'vlan 60' /tmp/lab-tag; }
                    eventually tagged
                    # An address of the first VLAN does not answer in the others.
                    ip addr add 10.150.0.201/24 dev "$TRUNK.60"
                    ip addr add fd50::201/64 dev "$TRUNK.70" nodad
                    unanswered() { never ping -q -n -c 2 -i 0.3 -W "$LAB_SILENCE" -I "$@"; }
                    at_once "unanswered $TRUNK.60 10.150.0.10" "unanswered $TRUNK.70 fd50::10"
                    """);
                _ = await stage.OnH1Async("netctl diff --exit-code\n" + Shared);
            }
            finally
            {
                _ = await stage.OnH1Async("clean; ip link del \"$TRUNK.80\" 2>/dev/null || true");
                _ = await stage.OnH2Async("for vlan in 50 60 70 80; do ip link del \"$TRUNK.$vlan\"; done");
            }
        });

    public static Scenario NoParent { get; } = new(
        "macvlan-no-parent", "macvlan without a parent stands on a device of its own, which goes with it", [Feature.Dummy], static async stage =>
            _ = await stage.OnH1Async(
                """
                netctl create alone --driver macvlan --subnet 10.170.0.0/24 --subnet fd17::/64 >/dev/null
                netctl create alone6 --driver macvlan --ipv4=false --subnet fd18::/64 >/dev/null
                container alone a --ip 10.170.0.10 --ip6 fd17::10
                container alone b --ip 10.170.0.11 --ip6 fd17::11
                container alone6 c --ip6 fd18::10
                container alone6 d --ip6 fd18::11
                reaches a 10.170.0.11
                reaches a fd17::11
                reaches c fd18::11
                at_once 'misses a fd18::10' 'never ping -q -n -c 1 -W "$LAB_SILENCE" 10.170.0.10' 'never ping -q -n -c 1 -W "$LAB_SILENCE" fd17::10'
                ip -j -d link show type dummy | jq -e 'map(select(.ifname)) | length == 2' >/dev/null
                netctl diff --exit-code
                clean
                gone() { ip -j -d link show type dummy | jq -e 'map(select(.ifname)) | length == 0'; }
                eventually gone >/dev/null
                """));
}
