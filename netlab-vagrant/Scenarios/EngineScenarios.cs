namespace Networking.Netlab.Scenarios;

/// <summary>Other engines on the same host, with containers of their own.</summary>
internal static class EngineScenarios
{
    // No registry is asked: an image of one program, which serves whom it sees.
    private const string Engine = """
        systemctl start docker.service
        eventually docker version >/dev/null
        mkdir -p /tmp/lab-image/bin
        answers_who /tmp/lab-image/www
        cp "$(command -v busybox)" /tmp/lab-image/bin/busybox
        for library in $(ldd "$(command -v busybox)" | grep -o '/[^ ]*'); do cp --parents "$library" /tmp/lab-image; done
        ln -sf busybox /tmp/lab-image/bin/sh
        tar -c -C /tmp/lab-image . | docker import - lab/web >/dev/null
        docker run -d --name lab --restart always -p 8081:80 lab/web /bin/busybox httpd -f -p 80 -h /www >/dev/null
        """;

    private const string Words = """
        theirs() { nsenter --target "$(docker inspect -f '{{.State.Pid}}' lab)" --net -- "$@"; }
        runs() { [ "$(docker inspect -f '{{.State.Running}}' lab)" = true ]; }
        their_address() { docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' lab; }

        """;

    // Docker's container does not reach ours, and that is the firewalls' doing: by its routes the host would pass it on.
    private const string Apart = """
        address=$(their_address)
        ours=$(ip -j route get 10.88.0.10 | jq -r '.[0].dev')
        ip route get 10.88.0.10 from "$address" iif docker0 | has "dev $ours"
        gateway=$(theirs ip -j route show default | jq -r '.[0].gateway')
        theirs ping -q -n -c 1 -W "$LAB_PATIENCE" "$gateway" >/dev/null
        never theirs ping -q -n -c 2 -i 0.3 -W "$LAB_SILENCE" 10.88.0.10
        # Its own way out is what it was.
        out() { theirs bash -c '. /lab/guest/lib.sh; who "$1"' bash "http://$H2:8000"; }
        same "$H1" "$(eventually out)" "whom the outside sees of Docker's container"
        """;

    // Ours do not reach Docker's either: Docker's own rules judge what comes to its bridge, also from us.
    private const string GuardedFromOurs = """

        misses web "$address"
        misses stranger "$address"
        """;

    // A host as it is after boot, where netd is started before Docker: Docker finds forwarding on, and sets no policy.
    private const string DockerComesLater = """
        systemctl stop docker.service docker.socket containerd.service
        netctl rm --force shop other >/dev/null
        netctl sandbox rm --force web client stranger >/dev/null
        nft flush ruleset
        ip link del docker0
        sysctl -qw net.ipv4.ip_forward=0

        """ + FirewallScenarios.Set + """

        same 1 "$(sysctl -n net.ipv4.ip_forward)" "what netd makes of forwarding"
        systemctl start docker.service
        eventually runs

        """;

    private const string TheirsReached = "same \"$H2\" \"$(eventually who \"http://$H1:8081\")\" \"whom Docker's container sees\"";
    private const string BothReached = FirewallScenarios.Reached + "\n" + TheirsReached;

    public static Scenario BesideDocker { get; } = new(
        "docker-beside-us", "Docker Engine runs a container on the same host, come before us or after: both keep their ports and their way out, and containers do not reach each other's", [Feature.Docker, Feature.Systemd], static async stage =>
        {
            const string Ours = FirewallScenarios.Stands + "\n" + Words + Apart;
            _ = await stage.OnH2Async("serve_here 8000");
            try
            {
                _ = await stage.OnH1Async(Engine);
                _ = await stage.OnH2Async(TheirsReached);
                _ = await stage.OnH1Async(FirewallScenarios.Set + "\n" + Ours + GuardedFromOurs);
                _ = await stage.OnH2Async(BothReached);
                _ = await stage.OnH1Async(
                    Words + """
                    systemctl restart docker.service
                    eventually runs
                    eventually netctl diff --exit-code

                    """ + Ours + GuardedFromOurs);
                _ = await stage.OnH2Async(BothReached);
                _ = await stage.OnH1Async(Words + DockerComesLater + Ours);
                _ = await stage.OnH2Async(BothReached);
                _ = await stage.OnH1Async("netctl rm --force shop other >/dev/null");
                _ = await stage.OnH2Async(TheirsReached);
            }
            finally
            {
                _ = await stage.OnH1Async(
                    """
                    docker rm -f lab >/dev/null || true
                    docker rmi -f lab/web >/dev/null || true
                    systemctl stop docker.service docker.socket containerd.service
                    """);
            }
        });
}
