using System.Collections.Concurrent;
using System.Net;
using Networking.TestSupport;

namespace Networking.Dns.Tests;

/// <summary>
/// A forwarder among servers made up by the test. Everything runs on the test's own thread, and the clock moves only when
/// nothing else is left to do, so the same test gives the same times.
/// </summary>
internal sealed class Stage : SynchronizationContext
{
    private readonly BlockingCollection<(SendOrPostCallback Callback, object? State)> _due = []; // the framework posts from threads of its own, too
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private int _randomState = 1;

    public Stage(ForwardingOptions? options = null)
    {
        Forwarder = new Forwarder(options ?? new ForwardingOptions(), Time, Fill);
        Servers = new FakeServers(Time);
    }

    public ManualTime Time { get; } = new();

    public FakeServers Servers { get; }

    public Forwarder Forwarder { get; }

    public UpstreamGroup Group(params string[] servers) =>
        new(servers.Length, servers.Select(static s => new IPEndPoint(IPAddress.Parse(s), 53)), Servers);

    /// <summary>Asks and waits.</summary>
    /// <returns>The answer as words, and how long it took in milliseconds.</returns>
    public (string Words, double Milliseconds) Ask(UpstreamGroup group, string name, RecordType type = RecordType.A, int replyMax = 1232) =>
        Ask(group, Wire.Query(name, type, payload: replyMax), replyMax);

    public (string Words, double Milliseconds) Ask(UpstreamGroup group, byte[] query, int replyMax = 1232)
    {
        var start = Time.GetUtcNow();
        var reply = new byte[replyMax];
        var length = Run(() => Forwarder.AskAsync(group, query, reply));
        return (Answer.Words(reply.AsSpan(0, length)), (Time.GetUtcNow() - start).TotalMilliseconds);
    }

    /// <summary>What memory answers; null if it has nothing good.</summary>
    public string? Remember(UpstreamGroup group, string name, RecordType type = RecordType.A)
    {
        _ = DnsQuery.TryRead(Wire.Query(name, type, payload: 1232), out var query);
        var reply = new byte[1232];
        var length = Forwarder.TryAnswer(group, query, reply);
        return length == 0 ? null : Answer.Words(reply.AsSpan(0, length));
    }

    /// <summary>Runs to the end, moving the clock whenever everything waits for it.</summary>
    public T Run<T>(Func<Task<T>> begin)
    {
        var before = Current;
        SetSynchronizationContext(this);
        try
        {
            var result = default(T)!; // set when the task has ended well
            var task = KeepAsync();
            var isStuck = false;
            while (!task.IsCompleted)
            {
                if (_due.TryTake(out var next) || (!Time.AdvanceToNext() && _due.TryTake(out next, Patience)))
                {
                    next.Callback(next.State);
                    isStuck = false;
                }
                else
                {
                    Assert.False(isStuck && Time.NextDue is null, "everything waits, and for nothing");
                    isStuck = Time.NextDue is null;
                }
            }

            return task.Exception is { } failure ? throw failure : result;

            async Task KeepAsync() => result = await begin();
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    /// <summary>Lets everything that is under way end.</summary>
    public void Settle() => Run(async () =>
    {
        await Task.Delay(TimeSpan.FromSeconds(30), Time, CancellationToken.None);
        return 0;
    });

    public override void Post(SendOrPostCallback d, object? state) => _due.Add((d, state));

    private void Fill(Span<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            _randomState = (_randomState * 1_103_515_245) + 12_345;
            bytes[i] = (byte)(_randomState >> 16);
        }
    }
}
