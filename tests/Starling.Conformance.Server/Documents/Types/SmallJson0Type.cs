using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Starling.Ot;

namespace Starling.Conformance.Server.Documents.Types;

/// <summary>The part of json0 that tests of the document engine need: na, oi, od, li, ld, and texts by si and sd.</summary>
public sealed class SmallJson0Type : IComposableType, IInvertibleType
{
    public string Name => "json0";

    public string Uri => "http://sharejs.org/types/JSONv0";

    public IOtSnapshot ReadSnapshot(ReadOnlySpan<byte> json) => new Json(json.IsEmpty ? null : JsonSerializer.Deserialize<JsonNode?>(json));

    public IOtOperation ReadOperation(ReadOnlySpan<byte> json)
    {
        if (JsonSerializer.Deserialize<JsonNode?>(json) is not JsonArray operation || operation.Any(component => component?["p"] is not JsonArray))
        {
            throw new OtException("Op must be an array of components, each with a path");
        }

        return new Json(operation);
    }

    public IOtSnapshot Apply(IOtSnapshot snapshot, IOtOperation operation)
    {
        var root = new JsonObject { ["data"] = ((Json)snapshot).Node?.DeepClone() };
        foreach (var component in Components(operation))
        {
            try
            {
                Apply(root, component);
            }
            catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or NullReferenceException or FormatException)
            {
                throw new OtException("invalid / missing instruction in op", exception);
            }
        }

        return new Json(root["data"]?.DeepClone());
    }

    public IOtOperation Compose(IOtOperation first, IOtOperation second) =>
        new Json(new JsonArray([.. Components(first).Concat(Components(second)).Select(component => (JsonNode)component.DeepClone())]));

    public IOtOperation Invert(IOtOperation operation, IOtSnapshot before) => new Json(new JsonArray([.. Components(operation).Reverse().Select(component =>
    {
        var inverse = new JsonObject { ["p"] = component["p"]!.DeepClone() };
        foreach (var (name, opposite) in (ReadOnlySpan<(string, string)>)[("oi", "od"), ("od", "oi"), ("li", "ld"), ("ld", "li"), ("si", "sd"), ("sd", "si")])
        {
            if (component.ContainsKey(name))
            {
                inverse[opposite] = component[name]?.DeepClone();
            }
        }

        if (component["na"] is { } number)
        {
            inverse["na"] = -number.GetValue<double>();
        }

        return (JsonNode)inverse;
    })]));

    public IOtOperation Transform(IOtOperation operation, IOtOperation other, OtSide side)
    {
        var opposite = side == OtSide.Left ? OtSide.Right : OtSide.Left;
        var (transformed, _) = Transform([.. Components(operation)], [.. Components(other)], side, opposite);
        return new Json(new JsonArray([.. transformed.Select(component => (JsonNode)component.DeepClone())]));
    }

    // Each component meets the others as they are after those that came before it.
    private static (List<JsonObject> Left, List<JsonObject> Right) Transform(List<JsonObject> left, List<JsonObject> right, OtSide side, OtSide opposite)
    {
        if (left.Count == 0 || right.Count == 0)
        {
            return (left, right);
        }

        if (left.Count == 1 && right.Count == 1)
        {
            return (
                [.. Transform((JsonObject)left[0].DeepClone(), right[0], side)], [.. Transform((JsonObject)right[0].DeepClone(), left[0], opposite)]);
        }

        if (left.Count > 1)
        {
            var head = Transform(left[..1], right, side, opposite);
            var rest = Transform(left[1..], head.Right, side, opposite);
            return ([.. head.Left, .. rest.Left], rest.Right);
        }

        var first = Transform(left, right[..1], side, opposite);
        var others = Transform(first.Left, right[1..], side, opposite);
        return (others.Left, [.. first.Right, .. others.Right]);
    }

    private static IEnumerable<JsonObject> Components(IOtOperation operation) => ((Json)operation).Node!.AsArray().Select(node => node!.AsObject());

    private static void Apply(JsonObject root, JsonObject component)
    {
        var path = component["p"]!.AsArray();
        JsonNode parent = root;
        JsonNode key = "data";
        for (var i = 0; i < path.Count; i++)
        {
            if (parent is JsonObject && At(parent, key) is JsonValue text && text.TryGetValue<string>(out var value) && i == path.Count - 1)
            {
                Set(parent, key, Edit(value, path[i]!.GetValue<int>(), component));
                return;
            }

            parent = At(parent, key)!;
            key = path[i]!;
            _ = parent is JsonArray ? key.GetValue<int>() : key.GetValue<string>().Length;
        }

        if (parent is JsonArray list)
        {
            ApplyToList(list, key.GetValue<int>(), component);
        }
        else if (component["na"] is { } number)
        {
            Set(parent, key, JsonValue.Create(At(parent, key)!.GetValue<double>() + number.GetValue<double>()));
        }
        else if (component.ContainsKey("oi"))
        {
            Set(parent, key, component["oi"]?.DeepClone());
        }
        else if (component.ContainsKey("od"))
        {
            parent.AsObject().Remove(key.GetValue<string>());
        }
        else
        {
            throw new OtException("invalid / missing instruction in op");
        }
    }

    private static void ApplyToList(JsonArray list, int index, JsonObject component)
    {
        if (component.ContainsKey("ld"))
        {
            list.RemoveAt(index);
        }

        if (component.ContainsKey("li"))
        {
            list.Insert(index, component["li"]?.DeepClone());
        }

        if (component["na"] is { } number)
        {
            list[index] = list[index]!.GetValue<double>() + number.GetValue<double>();
        }
    }

    private static string Edit(string text, int offset, JsonObject component)
    {
        if (component["si"] is { } inserted)
        {
            return text.Insert(offset, inserted.GetValue<string>());
        }

        var deleted = component["sd"]!.GetValue<string>();
        return text.Substring(offset, deleted.Length) == deleted ? text.Remove(offset, deleted.Length) : throw new OtException("Delete component does not match");
    }

    private static JsonNode? At(JsonNode parent, JsonNode key) =>
        parent is JsonArray list ? list[key.GetValue<int>()] : parent.AsObject()[key.GetValue<string>()];

    private static void Set(JsonNode parent, JsonNode key, JsonNode? value)
    {
        if (parent is JsonArray list)
        {
            list[key.GetValue<int>()] = value;
        }
        else
        {
            parent.AsObject()[key.GetValue<string>()] = value;
        }
    }

    private static IEnumerable<JsonObject> Transform(JsonObject component, JsonObject other, OtSide side)
    {
        var (path, over) = (component["p"]!.AsArray(), other["p"]!.AsArray());
        var last = over.Count - 1;
        var reaches = path.Count > last && last >= 0 && !other.ContainsKey("na") && over.Take(last).Zip(path).All(pair => JsonNode.DeepEquals(pair.First, pair.Second));
        if (!reaches)
        {
            return over.Count == 0 && !other.ContainsKey("na") ? [] : [component];
        }

        var (same, level) = (JsonNode.DeepEquals(path[last], over[last]), path.Count == over.Count);
        return other switch
        {
            _ when other.ContainsKey("si") || other.ContainsKey("sd") => TransformText(component, other, path, last, side),
            _ when other.ContainsKey("li") || other.ContainsKey("ld") => TransformInList(component, other, path, last, same, level, side),
            _ when !same => [component],
            _ when other.ContainsKey("oi") => !component.ContainsKey("oi") || !level || side == OtSide.Right
                ? level && !component.ContainsKey("oi") && !component.ContainsKey("od") && !other.ContainsKey("od") ? [component] : []
                : [With(component, "od", other["oi"])],
            _ => level && component.ContainsKey("oi") ? [Without(component, "od")] : [],
        };
    }

    private static IEnumerable<JsonObject> TransformInList(
        JsonObject component, JsonObject other, JsonArray path, int last, bool same, bool level, OtSide side)
    {
        var (index, at) = (path[last]!.GetValue<int>(), other["p"]![last]!.GetValue<int>());
        if (other.ContainsKey("li") && other.ContainsKey("ld"))
        {
            return !same ? [component]
                : level && component.ContainsKey("ld") && component.ContainsKey("li") && side == OtSide.Left ? [With(component, "ld", other["li"])] : [];
        }

        if (other.ContainsKey("li"))
        {
            var stays = level && same && component.ContainsKey("li") && !component.ContainsKey("ld") && side == OtSide.Left;
            path[last] = at <= index && !stays ? index + 1 : index;
            return [component];
        }

        if (same)
        {
            return level && component.ContainsKey("li") ? [Without(component, "ld")] : [];
        }

        path[last] = at < index ? index - 1 : index;
        return [component];
    }

    private static IEnumerable<JsonObject> TransformText(JsonObject component, JsonObject other, JsonArray path, int last, OtSide side)
    {
        if (!component.ContainsKey("si") && !component.ContainsKey("sd"))
        {
            return [component];
        }

        var (offset, at) = (path[last]!.GetValue<int>(), other["p"]![last]!.GetValue<int>());
        if (other["si"] is { } inserted)
        {
            path[last] = at < offset || (at == offset && side == OtSide.Right) ? offset + inserted.GetValue<string>().Length : offset;
            return [component];
        }

        var length = other["sd"]!.GetValue<string>().Length;
        path[last] = offset <= at ? offset : Math.Max(at, offset - length);
        return [component];
    }

    private static JsonObject With(JsonObject component, string name, JsonNode? value)
    {
        component[name] = value?.DeepClone();
        return component;
    }

    private static JsonObject Without(JsonObject component, string name)
    {
        component.Remove(name);
        return component;
    }

    private sealed record Json(JsonNode? Node) : IOtSnapshot, IOtOperation
    {
        private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

        public bool IsNoOp => Node is JsonArray { Count: 0 };

        public void WriteTo(IBufferWriter<byte> output)
        {
            using var writer = new Utf8JsonWriter(output, Relaxed);
            if (Node is null)
            {
                writer.WriteNullValue();
            }
            else
            {
                Node.WriteTo(writer);
            }
        }
    }
}
