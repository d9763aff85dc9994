using System.Buffers;
using System.Collections.Frozen;
using Starling.Documents.Json;
using Starling.Documents.Storage;
using Starling.Ot;
using Starling.Ot.Json;

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

        return kind == OperationKind.Create ? AllowsData(data) : AllowsEdit(operation as Json0Operation, data);
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

    private bool AllowsEdit(Json0Operation? operation, ReadOnlyMemory<byte> data)
    {
        try
        {
            operation ??= Json0Operation.Read(data.Span);
            return operation.Components.All(component => component.Path.Count > 0 && _fields.Contains(component.Path[0].ToString()));
        }
        catch (OtException)
        {
            // What is no operation of json0 would do nothing that the projection shows.
            return false;
        }
    }

    private ReadOnlyMemory<byte> ProjectEdit(ReadOnlyMemory<byte> data)
    {
        var output = new ArrayBufferWriter<byte>();
        output.Raw("["u8);
        foreach (var component in Json0Operation.Read(data.Span).Components)
        {
            var isRoot = component.Path.Count == 0;
            var isShown = isRoot ? (component.ObjectDeleted ?? component.ObjectInserted) is not null : _fields.Contains(component.Path[0].ToString());
            if (!isShown)
            {
                continue;
            }

            output.Raw(output.WrittenCount > 1 ? ","u8 : default);
            if (isRoot)
            {
                WriteRoot(component, output);
            }
            else
            {
                component.WriteTo(output);
            }
        }

        output.Raw("]"u8);
        return output.WrittenMemory;
    }

    // The whole document is replaced: both what goes and what comes are shown in part.
    private void WriteRoot(Json0Component component, ArrayBufferWriter<byte> output)
    {
        output.Raw("{\"p\":[]"u8);
        WritePart(component.ObjectDeleted, ",\"od\":"u8, output);
        WritePart(component.ObjectInserted, ",\"oi\":"u8, output);
        output.Raw("}"u8);
    }

    private void WritePart(JsonTree? value, ReadOnlySpan<byte> name, ArrayBufferWriter<byte> output)
    {
        if (value is not null)
        {
            var whole = new ArrayBufferWriter<byte>();
            value.WriteTo(whole);
            output.Raw(name);
            output.Raw(ProjectData(whole.WrittenMemory).Span);
        }
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
}
