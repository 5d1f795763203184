using Networking.Model.Api;
using Networking.Netd.Control;

namespace Networking.Netd.Api;

/// <summary>Routes of address management.</summary>
internal sealed partial class ApiServer
{
    private async Task ListSubnetsAsync(HttpContext http) =>
        await WriteAsync(http, 200, await controller.ListSubnetsAsync(http.RequestAborted) with { Ranges = services.Ring.Ranges }, ApiJson.Default.IpamDocument);

    private async Task ListAddressesAsync(HttpContext http) =>
        await WriteAsync(http, 200, await controller.ListAddressesAsync(ReferenceOf(http), http.RequestAborted), ApiJson.Default.IpamNetworkDocument);

    private async Task WhyAddressAsync(HttpContext http)
    {
        if (!http.Request.Query.TryGetValue("address", out var asked) || asked.Count != 1 || asked[0] is not { Length: > 0 } address)
        {
            throw new RefusedException(Refusal.Of(
                400, "address.missing", "address", "no address is asked about", "GET /v1/ipam/why?address=ADDRESS, or a prefix as address/length"));
        }

        await WriteAsync(http, 200, await controller.WhyAddressAsync(address, http.RequestAborted), ApiJson.Default.IpamWhyDocument);
    }
}
