using System.Text.Json;
using Starling.Documents.Json;
using Starling.Documents.Submission;

namespace Starling.Documents.ShareDb;

/// <summary>A message of a client: its fields as the bytes they are. Fields that are missing are empty.</summary>
/// <remarks>The names of the fields are those of the wire; what they mean is the business of the requests' handlers.</remarks>
internal sealed class ShareDbRequest
{
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _fields = new(StringComparer.Ordinal);

    private ShareDbRequest(ReadOnlyMemory<byte> bytes)
    {
        Bytes = bytes;
    }

    /// <summary>The whole message.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    public string Action { get; private set; } = "";

    public string Collection => RequiredName("c", "Invalid collection");

    public string Document => RequiredName("d", "Invalid id");

    /// <summary>The version, or null for none.</summary>
    public long? Version => JsonSlices.GetInteger(this["v"]);

    public ReadOnlyMemory<byte> this[string field] => _fields.GetValueOrDefault(field);

    /// <summary>Reads a message; null if it is not a JSON object.</summary>
    public static ShareDbRequest? Read(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            var request = new ShareDbRequest(bytes);
            JsonSlices.ReadObject(bytes, (name, value) => request._fields[name] = value);
            request.Action = JsonSlices.GetString(request["a"]) ?? "";
            return request;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Whether a field is given and not null.</summary>
    public bool Has(string field) => !JsonSlices.IsNull(this[field]);

    public bool IsGiven(string field) => _fields.ContainsKey(field);

    /// <summary>Checks the form, as far as it does not depend on anything else.</summary>
    /// <exception cref="DocumentException">Something is not as it must be.</exception>
    public void Check()
    {
        switch (Action)
        {
            case "qf" or "qs" or "qu":
                Require(JsonSlices.IsNumber(this["id"]), "Missing query ID");
                CheckResults();
                break;
            case "op" or "f" or "s" or "u" or "nf" or "nt" or "p":
                CheckDocument();
                break;
            case "bf" or "bs" or "bu":
                CheckBulk();
                break;
            case "hs":
                Require(IsProtocol("protocol") && IsProtocol("protocolMinor"), "Invalid protocol");
                break;
        }

        Require(!Has("c") || IsName(this["c"]), "Invalid collection");
        Require(!Has("ch") || IsName(this["ch"]), "Invalid presence channel");
        Require(!Has("seq") || JsonSlices.IsNumber(this["seq"]), "Invalid seq");
    }

    /// <summary>The ids, or ids with versions, of a bulk request.</summary>
    public IReadOnlyList<(string Id, long? Version)> ReadBulk()
    {
        var items = new List<(string Id, long? Version)>();
        if (JsonSlices.IsList(this["b"]))
        {
            items.AddRange(JsonSlices.ReadList(this["b"]).Select(id => (JsonSlices.GetString(id)!, (long?)null)));
        }
        else
        {
            JsonSlices.ReadObject(this["b"], (id, version) => items.Add((id, JsonSlices.GetInteger(version))));
        }

        return [.. items.DistinctBy(item => item.Id)];
    }

    /// <summary>The known results of a query that is subscribed to again.</summary>
    public IReadOnlyList<(string Id, long? Version)> ReadResults() =>
        [.. JsonSlices.ReadList(this["r"]).Select(JsonSlices.ReadList)
            .Select(result => (JsonSlices.GetString(result[0])!, result.Count > 1 ? JsonSlices.GetInteger(result[1]) : null))];

    public static DocumentException BadlyFormed(string message) => new(DocumentErrors.MessageBadlyFormed, message);

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw BadlyFormed(message);
        }
    }

    private static bool IsName(ReadOnlyMemory<byte> value) =>
        JsonSlices.GetString(value) is { } name && !Json0Form.IsShared(name);

    private static bool IsVersion(ReadOnlyMemory<byte> value) => JsonSlices.IsNull(value) || JsonSlices.GetInteger(value) >= 0;

    private string RequiredName(string field, string error) => JsonSlices.GetString(this[field]) ?? throw BadlyFormed(error);

    private bool IsProtocol(string field) => !Has(field) || JsonSlices.IsNumber(this[field]) || JsonSlices.IsString(this[field]);

    private void CheckDocument()
    {
        Require(!Has("d") || IsName(this["d"]), "Invalid id");
        if (Action is "nf" or "nt")
        {
            Require(Has("c"), "Invalid collection");
            Require(Has("d"), "Invalid id");
        }

        Require(IsVersion(this["v"]), "Invalid version");
        Require(!Has("ts") || JsonSlices.IsNumber(this["ts"]), "Invalid timestamp");
        if (Action == "p")
        {
            Require(IsName(this["id"]), "Invalid presence ID");
            Require(IsVersion(this["pv"]), "Invalid presence version");
        }
    }

    private void CheckBulk()
    {
        var bulk = this["b"];
        if (JsonSlices.IsList(bulk))
        {
            Require(JsonSlices.ReadList(bulk).All(IsName), "Invalid id");
            return;
        }

        Require(JsonSlices.IsObject(bulk), "Invalid bulk subscribe data");
        JsonSlices.ReadObject(bulk, (id, version) =>
        {
            Require(!Json0Form.IsShared(id), "Invalid id");
            Require(IsVersion(version), "Invalid version");
        });
    }

    private void CheckResults()
    {
        if (!Has("r"))
        {
            return;
        }

        Require(JsonSlices.IsList(this["r"]), "Invalid query results");
        foreach (var item in JsonSlices.ReadList(this["r"]))
        {
            Require(JsonSlices.IsList(item), "Invalid query results");
            var result = JsonSlices.ReadList(item);
            Require(result.Count > 0 && IsName(result[0]), "Invalid id");
            Require(result.Count < 2 || IsVersion(result[1]), "Invalid version");
        }
    }
}
