namespace Networking.Store;

/// <summary>Every statement that writes or reads records.</summary>
internal static class RecordSql
{
    /// <summary>
    /// Newest version of a row that this program reads. A row gets a later one where an older netd must not read it; a
    /// property that is added with a default does not need it.
    /// </summary>
    public const int RecordVersion = 2;

    private const string Version = "1";
    private const string OtherDriver = "2"; // a network of another driver than bridge, which a netd before those would take for one

    public const string PutNode =
        $"INSERT INTO node (id, record_version, record) VALUES ('node', {Version}, ?1) "
        + $"ON CONFLICT (id) DO UPDATE SET record_version = {Version}, record = ?1";

    public const string PutNetwork =
        $"INSERT INTO networks (id, record_version, record) VALUES (?1, {Version}, ?2) "
        + $"ON CONFLICT (id) DO UPDATE SET record_version = {Version}, record = ?2";

    public const string PutNetworkOfOtherDriver =
        $"INSERT INTO networks (id, record_version, record) VALUES (?1, {OtherDriver}, ?2) "
        + $"ON CONFLICT (id) DO UPDATE SET record_version = {OtherDriver}, record = ?2";

    public const string PutSandbox =
        $"INSERT INTO sandboxes (id, boot_id, record_version, record) VALUES (?1, ?2, {Version}, ?3) "
        + $"ON CONFLICT (id) DO UPDATE SET boot_id = ?2, record_version = {Version}, record = ?3";

    public const string PutEndpoint =
        "INSERT INTO endpoints (id, network_id, sandbox_id, boot_id, record_version, record) "
        + $"VALUES (?1, ?2, ?3, ?4, {Version}, ?5) ON CONFLICT (id) DO UPDATE SET "
        + $"network_id = ?2, sandbox_id = ?3, boot_id = ?4, record_version = {Version}, record = ?5";

    public const string RemoveNetwork = "DELETE FROM networks WHERE id = ?1";
    public const string RemoveSandbox = "DELETE FROM sandboxes WHERE id = ?1";
    public const string RemoveEndpoint = "DELETE FROM endpoints WHERE id = ?1";
    public const string RemoveEndpointsOfOtherBoots = "DELETE FROM endpoints WHERE boot_id <> ?1";
    public const string RemoveSandboxesOfOtherBoots = "DELETE FROM sandboxes WHERE boot_id <> ?1";

    public const string AllNodes = "SELECT id, record_version, record FROM node ORDER BY id";
    public const string AllNetworks = "SELECT id, record_version, record FROM networks ORDER BY id";
    public const string AllSandboxes = "SELECT id, record_version, record FROM sandboxes ORDER BY id";
    public const string AllEndpoints = "SELECT id, record_version, record FROM endpoints ORDER BY id";
}
