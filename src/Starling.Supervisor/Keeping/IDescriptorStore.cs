using System.Runtime.InteropServices;

namespace Starling.Supervisor.Keeping;

/// <summary>Keeps descriptors open beyond the life of this process, by name. Storing under a name again replaces what was there.</summary>
internal interface IDescriptorStore
{
    /// <summary>Stores a copy of a descriptor; done when the store has it.</summary>
    ValueTask StoreAsync(string name, SafeHandle handle, CancellationToken cancellationToken);

    /// <summary>Closes the stored copy. A name that is not there is left so.</summary>
    ValueTask RemoveAsync(string name);

    /// <summary>Stores a text, in the place of the one before; null removes it.</summary>
    ValueTask NoteAsync(string? text);
}
