using System.Buffers;
using System.Collections.Frozen;
using Starling.Documents.Json;
using Starling.Documents.Storage;
using Starling.Ot;

namespace Starling.Documents.Subscriptions;

/// <summary>
/// A view of a collection that shows some fields only, under a name of its own. For documents of the type json0; fields are those of the
/// outermost object. Immutable.
/// </summary>
public sealed class Projection
{
    private const string Json0 = "http://sharejs.org/types/JSONv0";

    private readonly FrozenSet<string> _fields;

    /// <summary>Creates the projection.</summary>
    /// <param name="name">What clients use in place of a collection's name.</param>
    /// <param name="collection">The collection that is shown.</param>
    /// <param name="fields">The fields that are shown.</param>
    public Projection(string name, string collection, IEnumerable<string> fields)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentException.ThrowIfNullOrEmpty(collection);
        ArgumentNullException.ThrowIfNull(fields);
        Name = name;
        Collection = collection;
        _fields = fields.ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>What clients use in place of a collection's name.</summary>
    public string Name { get; }

    /// <summary>The collection that is shown.</summary>
    public string Collection { get; }

    /// <summary>The fields that are shown.</summary>
    public IReadOnlyCollection<string> Fields => _fields.Items;

    internal DocumentSnapshot Apply(DocumentSnapshot snapshot) =>
        snapshot.Type is null ? snapshot : snapshot with { Data = ProjectData(Checked(snapshot.Type, snapshot.Data)) };

    internal DocumentOperation Apply(DocumentOperation operation) => operation.Kind switch
    {
        OperationKind.Create => operation with { Data = ProjectData(Checked(operation.Type, operation.Data)) },
        OperationKind.Edit => operation with { Data = ProjectEdit(operation.Data) },
        _ => operation,
    };

    /// <summary>Whether the projection shows everything that an operation does.</summary>
    internal bool Allows(OperationKind kind, IOtType? type, IOtOperation? operation, ReadOnlyMemory<byte> data)
    {
        if (kind == OperationKind.Delete)
        {
            return true;
        }

        if (type is not null && type.Uri != Json0)
        {
            return false;
        }

        if (kind == OperationKind.Edit && data.IsEmpty && operation is not null)
        {
            var output = new ArrayBufferWriter<byte>();
            operation.WriteTo(output);
            data = output.WrittenMemory;
        }

        return kind == OperationKind.Create ? AllowsData(data) : AllowsEdit(data);
    }

    private static ReadOnlyMemory<byte> Checked(string? type, ReadOnlyMemory<byte> data) => type is null or Json0
        ? data : throw new DocumentException(DocumentErrors.CannotBeProjected, "Cannot project snapshots of type " + type);

    private bool AllowsData(ReadOnlyMemory<byte> data)
    {
        var allowed = JsonSlices.IsNull(data) || JsonSlices.IsObject(data);
        if (JsonSlices.IsObject(data))
        {
            JsonSlices.ReadObject(data, (name, _) => allowed &= _fields.Contains(name));
        }

        return allowed;
    }

    private bool AllowsEdit(ReadOnlyMemory<byte> data) =>
        JsonSlices.IsList(data) && JsonSlices.ReadList(data).All(component => FirstOfPath(component) is { } field && _fields.Contains(field));

    private ReadOnlyMemory<byte> ProjectEdit(ReadOnlyMemory<byte> data)
    {
        var output = new ArrayBufferWriter<byte>();
        output.Raw("["u8);
        foreach (var component in JsonSlices.ReadList(data))
        {
            var projected = FirstOfPath(component) is { } field
                ? _fields.Contains(field) ? component : default
                : ProjectRoot(component);
            if (!projected.IsEmpty)
            {
                output.Raw(output.WrittenCount > 1 ? ","u8 : default);
                output.Raw(projected.Span);
            }
        }

        output.Raw("]"u8);
        return output.WrittenMemory;
    }

    // The whole document is replaced: both what goes and what comes are shown in part.
    private ReadOnlyMemory<byte> ProjectRoot(ReadOnlyMemory<byte> component)
    {
        var output = new ArrayBufferWriter<byte>();
        output.Raw("{\"p\":[]"u8);
        var empty = true;
        JsonSlices.ReadObject(component, (name, value) =>
        {
            if (name is "od" or "oi")
            {
                empty = false;
                output.Raw(name == "od" ? ",\"od\":"u8 : ",\"oi\":"u8);
                output.Raw(ProjectData(value).Span);
            }
        });
        output.Raw("}"u8);
        return empty ? default : output.WrittenMemory;
    }

    private ReadOnlyMemory<byte> ProjectData(ReadOnlyMemory<byte> data)
    {
        if (data.IsEmpty || JsonSlices.IsNull(data))
        {
            return data;
        }

        if (!JsonSlices.IsObject(data))
        {
            return "null"u8.ToArray();
        }

        var output = new ArrayBufferWriter<byte>();
        output.Raw("{"u8);
        JsonSlices.ReadObject(data, (name, value) =>
        {
            if (_fields.Contains(name))
            {
                output.Raw(output.WrittenCount > 1 ? ","u8 : default);
                output.Text(name);
                output.Raw(":"u8);
                output.Raw(value.Span);
            }
        });
        output.Raw("}"u8);
        return output.WrittenMemory;
    }

    /// <summary>The field that a component of a json0 operation touches; null for the whole document.</summary>
    private static string? FirstOfPath(ReadOnlyMemory<byte> component)
    {
        if (!JsonSlices.IsObject(component))
        {
            return null;
        }

        string? first = null;
        JsonSlices.ReadObject(component, (name, value) =>
        {
            if (name == "p" && JsonSlices.IsList(value))
            {
                var path = JsonSlices.ReadList(value);
                first = path.Count == 0 ? null : JsonSlices.GetString(path[0]) ?? System.Text.Encoding.UTF8.GetString(path[0].Span);
            }
        });
        return first;
    }
}
