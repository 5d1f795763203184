using Networking.Kernel;
using Networking.Netd.Planted;

namespace Networking.Netd;

/// <summary>Puts the fault that is named in the file <c>plant</c> beside the program between it and the kernel.</summary>
internal static partial class Program
{
    static partial void Plant(ref IKernel kernel)
    {
        var file = Path.Combine(AppContext.BaseDirectory, "plant");
        if (File.Exists(file))
        {
            kernel = new PlantedKernel(kernel, Fault.Parse(File.ReadAllText(file).Trim()));
        }
    }
}
