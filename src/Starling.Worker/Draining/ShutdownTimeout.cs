using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Starling.Worker.Draining;

/// <summary>Gives the host, which waits for the drain while it stops, time for it and for the rest.</summary>
internal sealed class ShutdownTimeout(IOptions<StarlingWorkerOptions> options) : IPostConfigureOptions<HostOptions>
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);

    public void PostConfigure(string? name, HostOptions host)
    {
        var needed = options.Value.DrainTimeout + Rest;
        if (host.ShutdownTimeout < needed)
        {
            host.ShutdownTimeout = needed;
        }
    }
}
