namespace Networking.Netlab.Scenarios;

/// <summary>Published ports, seen from another host.</summary>
internal static class PortScenarios
{
    private const string Publish = """
        netctl create shop --subnet 10.88.0.0/24 --subnet fd88::/64 >/dev/null
        container shop web --ip 10.88.0.10 -p 8080:80
        serve web 80
        """;

    public static Scenario FromOutside { get; } = new(
        "ports-from-outside", "a published port is reached from another host, which the container sees; others are not", [], static async stage =>
        {
            _ = await stage.OnH1Async(Publish);
            _ = await stage.OnH2Async(
                """
                same "$H2" "$(eventually who "http://$H1:8080")" 'whom the container sees'
                same "$H2v6" "$(eventually who "http://[$H1v6]:8080")" 'whom the container sees over IPv6'
                never curl -sf --max-time "$LAB_SILENCE" "http://$H1:8081/"
                """);
            _ = await stage.OnH1Async("netctl update shop web --unpublish 8080/tcp -p 8090:80 --expose loopback >/dev/null");
            _ = await stage.OnH2Async(
                """
                unanswered() { never curl -sf --max-time "$LAB_SILENCE" "http://$H1:$1/"; }
                at_once 'unanswered 8080' 'unanswered 8090'
                """);
            _ = await stage.OnH1Async(
                """
                eventually curl -sf --max-time 2 http://127.0.0.1:8090/cgi-bin/who >/dev/null
                netctl diff --exit-code
                """);
        });

    public static Scenario CablePulled { get; } = new(
        "cable-pulled", "the uplink's cable is out and in again: inside nothing is missed, outside everything is back", [Feature.Cables], static async stage =>
        {
            _ = await stage.OnH1Async(
                Publish + """

                container shop client
                """);
            _ = await stage.OnH2Async("eventually who \"http://$H1:8080\" >/dev/null");
            await stage.PlugAsync(stage.H1, isIn: false);
            try
            {
                _ = await stage.OnH2Async("never curl -sf --max-time \"$LAB_SILENCE\" \"http://$H1:8080/\"");
                _ = await stage.OnH1Async("reaches client 10.88.0.10; netctl diff --exit-code");
            }
            finally
            {
                await stage.PlugAsync(stage.H1, isIn: true);
            }

            _ = await stage.OnH2Async("eventually who \"http://$H1:8080\" >/dev/null");
            _ = await stage.OnH1Async("netctl diff --exit-code");
        });

    public static Scenario LossyWire { get; } = new(
        "lossy-wire", "a wire that loses a tenth of the packets and delays the rest: a published port is slow, and works", [Feature.Netem], static async stage =>
        {
            const string Shortest = """
                shortest() { ping -q -n -c 10 -i 0.3 -W 5 "$H1" | sed -n 's#^rtt [^=]*= \([0-9]*\)\..*#\1#p'; }

                """;
            _ = await stage.OnH1Async(Publish);
            try
            {
                _ = await stage.OnH2Async(
                    Shortest + """
                    wire loss 10% delay 100ms
                    [ "$(shortest)" -ge 100 ]
                    for _ in 1 2 3 4 5 6 7 8 9 10; do
                        same "$H2" "$(eventually who "http://$H1:8080")" 'whom the container sees'
                    done
                    """);
            }
            finally
            {
                _ = await stage.OnH2Async("wire clear");
            }

            _ = await stage.OnH2Async(Shortest + "quick() { [ \"$(shortest)\" -lt 100 ]; }\neventually quick");
            _ = await stage.OnH1Async("netctl diff --exit-code");
        });
}
