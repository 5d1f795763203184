namespace Networking.Model.Api;

/// <summary>Body of <c>PUT /v1/firewall</c>.</summary>
public sealed record FirewallRequest
{
    /// <summary><c>auto</c>, <c>nftables</c>, <c>iptables</c> or <c>none</c>.</summary>
    public string Backend { get; init => field = value ?? string.Empty; } = string.Empty;
}
