using Starling.Apps.Cache.Links;

namespace Starling.Apps.Cache.Routing;

/// <summary>An entry being read. Disposing it ends the reading.</summary>
internal sealed class OpenedEntry(Entry entry, Stream body, ServiceLink.Work work) : IAsyncDisposable
{
    public Entry Entry { get; } = entry;

    public Stream Body { get; } = body;

    public async ValueTask DisposeAsync()
    {
        work.Dispose();
        await Body.DisposeAsync();
    }
}
