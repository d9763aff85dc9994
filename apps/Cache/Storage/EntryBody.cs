using Microsoft.Win32.SafeHandles;
using Starling.Apps.Cache.Links;

namespace Starling.Apps.Cache.Storage;

/// <summary>The body of an entry out of its file. The file is open from the start: it can be read to its end even when its name is gone.</summary>
internal sealed class EntryBody(SafeFileHandle file, Entry entry, Action<string> onDamaged) : ReadOnlyStream
{
    private long _position;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var wanted = (int)Math.Min(buffer.Length, entry.Size - _position);
        if (wanted == 0)
        {
            return 0;
        }

        int count;
        try
        {
            count = await RandomAccess.ReadAsync(file, buffer[..wanted], _position, cancellationToken);
        }
        catch (IOException e)
        {
            throw Damaged(e.Message, e);
        }

        _position += count;
        return count > 0 ? count : throw Damaged($"it ends after {_position} of {entry.Size} bytes", null);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            file.Dispose();
        }

        base.Dispose(disposing);
    }

    private IOException Damaged(string reason, Exception? cause)
    {
        onDamaged(reason);
        return StreamFailure.Create(EntryStore.Unreadable(entry, reason, cause));
    }
}
