using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using Starling.Apps.Cache.Links;

namespace Starling.Apps.Cache.Storage;

/// <summary>
/// The file of an entry: the body, what is known of it as JSON, the length of that, and a mark. It is written under another name and
/// gets its own when it is whole, so an entry is there entirely or not at all, whenever the process is killed.
/// </summary>
internal static class EntryFile
{
    public const string Extension = ".entry";
    public const string DraftExtension = ".draft";

    private const int EndLength = sizeof(int) + sizeof(ulong);
    private const int MaxHead = 256 * 1024;
    private const ulong Mark = 0x5354_4152_4C49_4E31;

    public static string PathOf(string folder, long number) =>
        Path.Combine(folder, number.ToString("D10", CultureInfo.InvariantCulture) + Extension);

    /// <summary>Whether a file has a name that only this cache gives, exactly as it gives it.</summary>
    public static bool IsOwn(string path)
    {
        var name = Path.GetFileNameWithoutExtension(path);
        return Path.GetExtension(path) switch
        {
            Extension => long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && PathOf(Path.GetDirectoryName(path)!, number) == path,
            DraftExtension => Guid.TryParseExact(name, "N", out var id) && id.ToString("N") == name,
            _ => false,
        };
    }

    /// <summary>What follows the body.</summary>
    public static byte[] End(Entry entry)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(entry, JsonSerializerOptions.Web);
        var end = new byte[json.Length + EndLength];
        json.CopyTo(end, 0);
        BinaryPrimitives.WriteInt32BigEndian(end.AsSpan(json.Length), json.Length);
        BinaryPrimitives.WriteUInt64BigEndian(end.AsSpan(json.Length + sizeof(int)), Mark);
        return end;
    }

    /// <summary>The entry in a file, or null when the file is not whole, as the loss of power may leave it.</summary>
    public static Entry? Read(string path)
    {
        using var file = File.OpenHandle(path);
        var length = RandomAccess.GetLength(file);
        Span<byte> end = stackalloc byte[EndLength];
        if (length < EndLength
            || RandomAccess.Read(file, end, length - EndLength) != EndLength
            || BinaryPrimitives.ReadUInt64BigEndian(end[sizeof(int)..]) != Mark)
        {
            return null;
        }

        var count = BinaryPrimitives.ReadInt32BigEndian(end);
        var size = length - EndLength - count;
        if (count is <= 0 or > MaxHead || size < 0)
        {
            return null;
        }

        var json = new byte[count];
        try
        {
            var entry = RandomAccess.Read(file, json, size) == count ? JsonSerializer.Deserialize<Entry>(json, JsonSerializerOptions.Web) : null;
            return entry?.Size == size && PathOf(Path.GetDirectoryName(path)!, entry.Number) == path ? entry : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
