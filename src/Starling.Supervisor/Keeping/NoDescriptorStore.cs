using System.Runtime.InteropServices;

namespace Starling.Supervisor.Keeping;

/// <summary>Keeps nothing: for a supervisor that lives within a program and ends its workers with itself.</summary>
internal sealed class NoDescriptorStore : IDescriptorStore
{
    public ValueTask StoreAsync(string name, SafeHandle handle, CancellationToken cancellationToken) => default;

    public ValueTask RemoveAsync(string name) => default;

    public ValueTask NoteAsync(string? text) => default;
}
