using System.IO.Compression;

namespace Starling.Apps.LogReport.Reading;

/// <summary>Compressed logs, recognised by how they begin and not by their names.</summary>
internal static class Gzip
{
    /// <summary>Bytes by which they are recognised.</summary>
    public const int MagicBytes = 2;

    public static bool IsGzip(ReadOnlySpan<byte> beginning) => beginning is [0x1f, 0x8b, ..];

    /// <summary>Decompresses all members, one after the other.</summary>
    public static Stream Decompress(Stream compressed)
    {
        // Without it .NET takes a file that was cut off for one that ends there.
        AppContext.SetSwitch("System.IO.Compression.UseStrictValidation", true);
        return new GZipStream(compressed, CompressionMode.Decompress);
    }
}
