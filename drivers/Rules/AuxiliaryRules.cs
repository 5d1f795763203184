using System.Net;
using Networking.Model;

namespace Networking.Drivers;

/// <summary>Which range and which addresses set aside a subnet can have.</summary>
internal static class AuxiliaryRules
{
    public static void Check(SubnetSpec subnet, ICollection<Problem> problems)
    {
        if (subnet.Range is { } range && (!Prefix.Contains(subnet.Prefix, range.BaseAddress) || range.PrefixLength < subnet.Prefix.PrefixLength))
        {
            problems.Add(new Problem(
                "range.outside", "--ip-range", $"range {range} is not inside its subnet {subnet.Prefix}", "choose a prefix inside it"));
        }

        var holders = new Dictionary<IPAddress, string>();
        if (subnet.Gateway is { } gateway)
        {
            holders.Add(gateway, "the gateway");
        }

        foreach (var (name, address) in subnet.AuxAddresses)
        {
            CheckAddress(subnet.Prefix, name, address, problems);
            if (!holders.TryAdd(address, name))
            {
                problems.Add(new Problem(
                    "aux.taken", "--aux-address", $"auxiliary address {name}={address} is {holders[address]} already", "choose another address for one of them"));
            }
        }
    }

    private static void CheckAddress(IPNetwork prefix, string name, IPAddress address, ICollection<Problem> problems)
    {
        var isIpv6 = SubnetRules.IsIpv6(prefix);
        if (name == AuxiliaryName.DefaultGatewayOf(!isIpv6))
        {
            problems.Add(new Problem(
                "aux.family",
                "--aux-address",
                $"auxiliary address {name}={address} is {SubnetRules.FamilyOf(isIpv6)}",
                $"the name for that family is {AuxiliaryName.DefaultGatewayOf(isIpv6)}"));
        }
        else if (name == AuxiliaryName.DefaultGateway6 && address.IsIPv6LinkLocal)
        {
            return; // a router is known by its link-local address (RFC 4861), which is in no subnet
        }

        if (!Prefix.Contains(prefix, address))
        {
            problems.Add(new Problem(
                "aux.outside", "--aux-address", $"auxiliary address {name}={address} is outside its subnet {prefix}", "choose an address inside it"));
        }
        else if (SubnetRules.RoleOf(prefix, address) is { } role)
        {
            problems.Add(new Problem(
                "aux.unusable", "--aux-address", $"auxiliary address {name}={address} is the {role} of {prefix}", "it is set aside already: leave it out"));
        }
    }
}
