using Networking.Kernel;

namespace Networking.TestSupport;

/// <summary>Refusals with Linux's errno numbers.</summary>
internal static class Errors
{
    public static KernelError NoFile(string what) => new(2, "ENOENT", what, "No such file or directory");

    public static KernelError NoEntry(string what) => new(2, "ENOENT", what, "No such entry");

    public static KernelError NoForeignChain(string what) =>
        new(2, "ENOENT", what, "its table or chain is not there any more", IsTransient: true);

    public static KernelError NoNamespace(string what) => new(2, "ENOENT", what, "The namespace is gone");

    public static KernelError NoRoute(string what) => new(3, "ESRCH", what, "No such process");

    public static KernelError Busy(string what) => new(16, "EBUSY", what, "Device or resource busy", IsTransient: true);

    public static KernelError Exists(string what) => new(17, "EEXIST", what, "File exists");

    public static KernelError NoDevice(string what) => new(19, "ENODEV", what, "No such device");

    public static KernelError NotSupported(string what) => new(95, "EOPNOTSUPP", what, "Operation not supported");

    public static KernelError NetDown(string what) => new(100, "ENETDOWN", what, "Network is down");

    public static KernelError Unreachable(string what) => new(101, "ENETUNREACH", what, "Nexthop has invalid gateway");

    public static KernelError Cancelled(string what) => new(125, "ECANCELED", what, "another operation of the batch was refused");
}
