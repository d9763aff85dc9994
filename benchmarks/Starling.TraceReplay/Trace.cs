using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Starling.TraceReplay;

/// <summary>A recorded editing session: gzipped JSON, see ../README.md.</summary>
internal sealed record Trace(string? Kind, string? StartContent, string EndContent, IReadOnlyList<Transaction> Txns)
{
    /// <summary>Whether several people wrote at once.</summary>
    public bool IsConcurrent => Kind == "concurrent";

    /// <exception cref="TraceException">The file is no trace.</exception>
    public static Trace Read(string path)
    {
        try
        {
            using var file = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
            return JsonSerializer.Deserialize(file, TraceJson.Default.Trace) ?? throw new TraceException($"{path} is empty.");
        }
        catch (Exception exception) when (exception is JsonException or InvalidDataException)
        {
            throw new TraceException($"{path} is no trace: {exception.Message}");
        }
    }
}

/// <summary>Some changes at once, by one person, on the merge of what the parents led to.</summary>
internal sealed record Transaction(IReadOnlyList<int>? Parents, int Agent, IReadOnlyList<Patch> Patches);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Trace))]
internal sealed partial class TraceJson : JsonSerializerContext;
