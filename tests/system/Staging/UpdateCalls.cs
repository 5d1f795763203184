using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Networking.Model.Api;

namespace Networking.Daemon.Tests.Staging;

/// <summary>The calls that change what stands, and those that tell its ports.</summary>
internal static class UpdateCalls
{
    extension(DaemonClient api)
    {
        /// <summary>Changes a network.</summary>
        public Task<Answer> UpdateAsync(string network, UpdateNetworkRequest request, string query = "") => api.SendAsync(
            HttpMethod.Patch, $"/v1/networks/{network}{query}", JsonSerializer.Serialize(request, ApiJson.Default.UpdateNetworkRequest));

        /// <summary>Sets one option of a network, and asserts that it is done.</summary>
        public async Task<ChangeDocument> SetAsync(string network, string option, string value) =>
            (await api.UpdateAsync(network, new UpdateNetworkRequest { Options = Options.Of((option, value)) })).Change();

        /// <summary>Undoes the last change of a network, and asserts that it is done.</summary>
        public async Task<ChangeDocument> UndoAsync(string network) => (await api.UpdateAsync(network, new UpdateNetworkRequest { Undo = true })).Change();

        /// <summary>Changes the ports of an endpoint.</summary>
        public Task<Answer> UpdatePortsAsync(
            string network, string sandbox, ImmutableArray<string> publish, ImmutableArray<string> unpublish = default, string? expose = null, string query = "") =>
            api.UpdateEndpointAsync(network, new UpdateEndpointRequest { Sandbox = sandbox, Publish = publish, Unpublish = unpublish, Expose = expose }, query);

        /// <summary>Changes an endpoint.</summary>
        public Task<Answer> UpdateEndpointAsync(string network, UpdateEndpointRequest request, string query = "") => api.SendAsync(
            HttpMethod.Patch, $"/v1/networks/{network}/endpoint{query}", JsonSerializer.Serialize(request, ApiJson.Default.UpdateEndpointRequest));

        /// <summary>Every published port.</summary>
        public async Task<PortDocument[]> PortsAsync() => (await api.GetAsync("/v1/ports")).As(ApiJson.Default.PortDocumentArray);

        /// <summary>A counter or gauge of <c>/metrics</c>.</summary>
        public async Task<double> MetricAsync(string name)
        {
            var line = (await api.GetAsync("/metrics")).Text.Split('\n').Single(l => l.StartsWith($"{name} ", StringComparison.Ordinal));
            return double.Parse(line[(name.Length + 1)..], CultureInfo.InvariantCulture);
        }
    }
}
