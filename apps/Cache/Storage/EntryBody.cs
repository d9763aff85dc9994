using Microsoft.Win32.SafeHandles;
using Starling.Apps.Cache.Links;

namespace Starling.Apps.Cache.Storage;

/// <summary>The body of an entry out of its file. The file is open from the start: it can be read to its end even when its name is gone.</summary>
internal sealed class EntryBody(SafeFileHandle file, long size) : ReadOnlyStream
{
    private long _position;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var wanted = (int)Math.Min(buffer.Length, size - _position);
        if (wanted == 0)
        {
            return 0;
        }

        var count = await RandomAccess.ReadAsync(file, buffer[..wanted], _position, cancellationToken);
        _position += count;
        return count > 0
            ? count
            : throw StreamFailure.Create(new CacheException(CacheError.StorageFailed, $"A file of the cache ends after {_position} of {size} bytes."));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            file.Dispose();
        }

        base.Dispose(disposing);
    }
}
