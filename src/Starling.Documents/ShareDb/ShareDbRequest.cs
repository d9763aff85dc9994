using System.Text.Json;
using Starling.Documents.Json;
using Starling.Ot;

namespace Starling.Documents.ShareDb;

/// <summary>A message of a client: its fields as the bytes they are. Fields that are missing are empty.</summary>
/// <remarks>The names of the fields are those of the wire; what they mean is the business of the requests' handlers.</remarks>
internal sealed class ShareDbRequest
{
    private Field[] _fields = new Field[8];
    private int _count;
    private bool _isTooDeep;
    private string? _collection;
    private string? _document;
    private int _maxNameBytes = int.MaxValue - 2;

    private ShareDbRequest(ReadOnlyMemory<byte> bytes)
    {
        Bytes = bytes;
    }

    /// <summary>The whole message.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    public string Action { get; private set; } = "";

    public string Collection => _collection ??= RequiredName("c"u8, "Invalid collection");

    public string Document => _document ??= RequiredName("d"u8, "Invalid id");

    /// <summary>The version, or null for none.</summary>
    public long? Version => JsonSlices.GetInteger(this["v"u8]);

    public ReadOnlyMemory<byte> this[ReadOnlySpan<byte> field] => Find(field) is >= 0 and var index ? _fields[index].Value : default;

    /// <summary>Reads a message; null if it is not a JSON object.</summary>
    public static ShareDbRequest? Read(ReadOnlyMemory<byte> bytes)
    {
        if (Read(bytes, JsonSlices.Options) is { } request)
        {
            return request;
        }

        // A client sends what was not answered again whenever it connects: what nests too deep is refused, and does not end the connection.
        request = Read(bytes, new JsonReaderOptions { MaxDepth = int.MaxValue });
        request?._isTooDeep = true;
        return request;
    }

    /// <summary>Whether a field is given and not null.</summary>
    public bool Has(ReadOnlySpan<byte> field) => !JsonSlices.IsNull(this[field]);

    public bool IsGiven(ReadOnlySpan<byte> field) => Find(field) >= 0;

    /// <summary>Checks the form, as far as it does not depend on anything else.</summary>
    /// <exception cref="DocumentException">Something is not as it must be.</exception>
    /// <param name="maxNameBytes">The most bytes of a name.</param>
    public void Check(int maxNameBytes)
    {
        _maxNameBytes = maxNameBytes;
        Require(!_isTooDeep, $"The message nests deeper than {JsonSlices.MaxDepth}");
        switch (Action)
        {
            case "qf" or "qs" or "qu":
                Require(JsonSlices.IsNumber(this["id"u8]), "Missing query ID");
                CheckResults();
                break;
            case "op" or "f" or "s" or "u" or "nf" or "nt" or "p":
                CheckDocument();
                break;
            case "bf" or "bs" or "bu":
                CheckBulk();
                break;
            case "hs":
                Require(IsProtocol("protocol"u8) && IsProtocol("protocolMinor"u8), "Invalid protocol");
                break;
        }

        Require(IsShort(this["c"u8]) && IsShort(this["d"u8]) && IsShort(this["ch"u8]) && IsShort(this["id"u8]) && IsShort(this["src"u8]), TooLong());
        Require(!Has("c"u8) || !ObjectMembers.IsShared(Collection), "Invalid collection");
        Require(!Has("ch"u8) || IsName(this["ch"u8]), "Invalid presence channel");
        Require(!Has("seq"u8) || JsonSlices.IsNumber(this["seq"u8]), "Invalid seq");
    }

    /// <summary>The ids, or ids with versions, of a bulk request.</summary>
    public IReadOnlyList<(string Id, long? Version)> ReadBulk()
    {
        var items = new List<(string Id, long? Version)>();
        if (JsonSlices.IsList(this["b"u8]))
        {
            items.AddRange(JsonSlices.ReadList(this["b"u8]).Select(id => (JsonSlices.GetString(id)!, (long?)null)));
        }
        else
        {
            JsonSlices.ReadObject(this["b"u8], (id, version) => items.Add((id, JsonSlices.GetInteger(version))));
        }

        return [.. items.DistinctBy(item => item.Id)];
    }

    /// <summary>The known results of a query that is subscribed to again.</summary>
    public IReadOnlyList<(string Id, long? Version)> ReadResults() =>
        [.. JsonSlices.ReadList(this["r"u8]).Select(JsonSlices.ReadList)
            .Select(result => (JsonSlices.GetString(result[0])!, result.Count > 1 ? JsonSlices.GetInteger(result[1]) : null))];

    public static DocumentException BadlyFormed(string message) => new(DocumentErrors.MessageBadlyFormed, message);

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw BadlyFormed(message);
        }
    }

    private static ShareDbRequest? Read(ReadOnlyMemory<byte> bytes, JsonReaderOptions options)
    {
        try
        {
            var request = new ShareDbRequest(bytes);
            var reader = new Utf8JsonReader(bytes.Span, options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return null;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                // A name with escapes is read like any other; the rest of the code sees plain ones.
                var name = reader.ValueIsEscaped
                    ? System.Text.Encoding.UTF8.GetBytes(reader.GetString()!)
                    : bytes.Slice((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
                request.Add(new Field(name, JsonSlices.ReadValue(bytes, ref reader)));
            }

            request.Action = ActionOf(request["a"u8]);
            return request;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private bool IsName(ReadOnlyMemory<byte> value) =>
        IsShort(value) && JsonSlices.GetString(value) is { } name && !ObjectMembers.IsShared(name);

    private bool IsShort(ReadOnlyMemory<byte> name) => name.Length <= _maxNameBytes + 2L;

    private string TooLong() => $"A name has more than {_maxNameBytes} bytes";

    private static bool IsVersion(ReadOnlyMemory<byte> value) => JsonSlices.IsNull(value) || JsonSlices.GetInteger(value) >= 0;

    private string RequiredName(ReadOnlySpan<byte> field, string error) => JsonSlices.GetString(this[field]) ?? throw BadlyFormed(error);

    private bool IsProtocol(ReadOnlySpan<byte> field) => !Has(field) || JsonSlices.IsNumber(this[field]) || JsonSlices.IsString(this[field]);

    private void CheckDocument()
    {
        Require(!Has("d"u8) || !ObjectMembers.IsShared(Document), "Invalid id");
        if (Action is "nf" or "nt")
        {
            Require(Has("c"u8), "Invalid collection");
            Require(Has("d"u8), "Invalid id");
        }

        Require(IsVersion(this["v"u8]), "Invalid version");
        Require(!Has("ts"u8) || JsonSlices.IsNumber(this["ts"u8]), "Invalid timestamp");
        if (Action == "p")
        {
            Require(IsName(this["id"u8]), "Invalid presence ID");
            Require(IsVersion(this["pv"u8]), "Invalid presence version");
        }
    }

    private void CheckBulk()
    {
        var bulk = this["b"u8];
        if (JsonSlices.IsList(bulk))
        {
            Require(JsonSlices.ReadList(bulk).All(IsName), "Invalid id");
            return;
        }

        Require(JsonSlices.IsObject(bulk), "Invalid bulk subscribe data");
        JsonSlices.ReadObject(bulk, (id, version) =>
        {
            Require(!ObjectMembers.IsShared(id), "Invalid id");
            Require(id.Length <= _maxNameBytes, TooLong());
            Require(IsVersion(version), "Invalid version");
        });
    }

    private static string ActionOf(ReadOnlyMemory<byte> value) => value.Span switch
    {
        [(byte)'"', (byte)'o', (byte)'p', (byte)'"'] => "op",
        [(byte)'"', (byte)'p', (byte)'"'] => "p",
        _ => JsonSlices.GetString(value) ?? "",
    };

    // The last of several fields of one name counts, as in JavaScript.
    private int Find(ReadOnlySpan<byte> name)
    {
        var index = _count - 1;
        while (index >= 0 && !_fields[index].Name.Span.SequenceEqual(name))
        {
            index--;
        }

        return index;
    }

    private void Add(Field field)
    {
        if (_count == _fields.Length)
        {
            Array.Resize(ref _fields, 2 * _count);
        }

        _fields[_count++] = field;
    }

    private void CheckResults()
    {
        if (!Has("r"u8))
        {
            return;
        }

        Require(JsonSlices.IsList(this["r"u8]), "Invalid query results");
        foreach (var item in JsonSlices.ReadList(this["r"u8]))
        {
            Require(JsonSlices.IsList(item), "Invalid query results");
            var result = JsonSlices.ReadList(item);
            Require(result.Count > 0 && IsName(result[0]), "Invalid id");
            Require(result.Count < 2 || IsVersion(result[1]), "Invalid version");
        }
    }

    private readonly record struct Field(ReadOnlyMemory<byte> Name, ReadOnlyMemory<byte> Value);
}
