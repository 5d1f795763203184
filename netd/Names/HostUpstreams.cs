using System.Net;
using Networking.Dns;
using Networking.Netd.Ipam;

namespace Networking.Netd.Control;

/// <summary>The servers that the host itself asks, as its resolv.conf has them now; looked at again when that file is another.</summary>
internal sealed class HostUpstreams(string resolvConf, IUpstreamSockets sockets, TimeProvider time)
{
    private const int Port = 53;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new(); // guards everything below
    private UpstreamGroup? _group;
    private DateTime _written;
    private long _looked;
    private int _number;

    /// <summary>Whom a sandbox may ask; null if all of its networks are internal, or the host has no server.</summary>
    public UpstreamGroup? For(SandboxNames sandbox) => sandbox.IsForwarding ? Current() : null;

    private UpstreamGroup? Current()
    {
        lock (_gate)
        {
            if (_number > 0 && time.GetElapsedTime(_looked) < LookEvery)
            {
                return _group;
            }

            _looked = time.GetTimestamp();
            var written = File.GetLastWriteTimeUtc(resolvConf);
            if (_number == 0 || written != _written)
            {
                var servers = HostResolvers.ReadForAsking(resolvConf).Select(static a => new IPEndPoint(a, Port)).ToArray();
                _number++;
                _written = written;
                _group = servers.Length == 0 ? null : new UpstreamGroup(_number, servers, sockets);
            }

            return _group;
        }
    }
}
