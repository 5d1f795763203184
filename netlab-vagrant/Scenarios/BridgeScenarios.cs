namespace Networking.Netlab.Scenarios;

/// <summary>Bridge networks on one host, seen from inside and from the wire.</summary>
internal static class BridgeScenarios
{
    public static Scenario Basic { get; } = new(
        "bridge-basic", "containers of a network talk, reach the outside by the host's address, and nobody else gets in", [], static async stage =>
        {
            _ = await stage.OnH2Async(
                """
                ip route replace 10.88.0.0/24 via "$H1"
                ip -6 route replace fd88::/64 via "$H1v6"
                serve_here 8000
                """);
            _ = await stage.OnH1Async(
                """
                netctl create shop --subnet 10.88.0.0/24 --subnet fd88::/64 >/dev/null
                netctl create other --subnet 10.89.0.0/24 >/dev/null
                container shop a --ip 10.88.0.10
                container shop b --ip 10.88.0.11 --ip6 fd88::11
                container other c --ip 10.89.0.10
                reaches a 10.88.0.11
                reaches a fd88::11
                serve b 80
                same 10.88.0.10 "$(eventually netctl sandbox exec a -- bash -c '. /lab/guest/lib.sh; who http://10.88.0.11')" 'whom b sees'
                same "$H1" "$(eventually sees a "http://$H2:8000")" 'whom the outside sees'
                same "$H1v6" "$(eventually sees a "http://[$H2v6]:8000")" 'whom the outside sees over IPv6'
                at_once 'misses c 10.88.0.11' 'never_inside c curl -sf --max-time "$LAB_SILENCE" http://10.88.0.11/'
                netctl diff --exit-code
                """);
            _ = await stage.OnH2Async(
                """
                unanswered() { never curl -gsf --max-time "$LAB_SILENCE" "http://$1/"; }
                trap 'ip route del 10.88.0.0/24; ip -6 route del fd88::/64' EXIT
                at_once 'never ping -q -n -c 2 -i 0.3 -W "$LAB_SILENCE" 10.88.0.11' 'unanswered 10.88.0.11' 'unanswered "[fd88::11]"'
                """);
        });

    public static Scenario MtuMix { get; } = new(
        "mtu-mix", "networks of different MTU on one host, and a narrower wire: big packets pass or say why not", [], static async stage =>
        {
            _ = await stage.OnH1Async(
                """
                netctl create narrow --subnet 10.88.0.0/24 -o com.docker.network.driver.mtu=1400 >/dev/null
                netctl create wide --subnet 10.89.0.0/24 >/dev/null
                container narrow a
                container narrow b --ip 10.88.0.11
                container wide c
                same 1400 "$(inside a ip -j link show eth0 | jq '.[0].mtu')" 'MTU inside'
                eventually inside a ping -q -n -c 1 -W 2 -M do -s 1372 10.88.0.11 >/dev/null
                never_inside a ping -q -n -c 1 -W "$LAB_SILENCE" -M do -s 1373 10.88.0.11
                eventually inside c ping -q -n -c 1 -W 2 -M do -s 1472 "$H2" >/dev/null
                ip link set "$LAN" mtu 1300
                trap 'ip link set "$LAN" mtu 1500' EXIT
                # The host says at which size it would pass; then smaller ones do, and TCP finds out by itself.
                { inside c ping -n -c 2 -W 2 -M do -s 1472 "$H2" || true; } | has 'rag needed|message too long'
                eventually inside c ping -q -n -c 1 -W 2 -M do -s 1272 "$H2" >/dev/null
                netctl diff --exit-code
                """);
        });
}
