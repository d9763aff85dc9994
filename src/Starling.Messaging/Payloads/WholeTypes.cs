using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Starling.Messaging.Payloads;

/// <summary>
/// Refuses types of which System.Text.Json would carry only a part without a word: fields that the options leave out, and structures that it creates without
/// setting what they hold, such as <c>Complex</c>. Owner: a <see cref="PayloadSerializer"/>. Thread-safe.
/// </summary>
internal sealed class WholeTypes
{
    private const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
    private const string BackingField = "k__BackingField";

    private readonly Lock _gate = new();
    private readonly HashSet<Type> _checked = [];

    /// <exception cref="ArgumentException">A part of the type, or of a type within it, would not arrive.</exception>
    public void Check(JsonTypeInfo type)
    {
        lock (_gate)
        {
            var added = new List<Type>();
            try
            {
                Visit(type, added);
            }
            catch
            {
                // It is refused the next time as well.
                _checked.ExceptWith(added);
                throw;
            }
        }
    }

    private void Visit(JsonTypeInfo info, List<Type> added)
    {
        if (!_checked.Add(info.Type))
        {
            return;
        }

        added.Add(info.Type);
        if (Nullable.GetUnderlyingType(info.Type) is { } underlying)
        {
            VisitPart(underlying, info.Options, added);
            return;
        }

        if (info.ElementType is { } element)
        {
            VisitPart(element, info.Options, added);
        }

        if (info.Kind != JsonTypeInfoKind.Object)
        {
            return;
        }

        Check(info.Type, [.. info.Properties]);
        foreach (var property in info.Properties.Where(property => property.CustomConverter is null && (property.Get ?? (object?)property.Set) is not null))
        {
            VisitPart(property.PropertyType, info.Options, added);
        }

        foreach (var derived in info.PolymorphismOptions?.DerivedTypes ?? [])
        {
            VisitPart(derived.DerivedType, info.Options, added);
        }
    }

    private void VisitPart(Type type, JsonSerializerOptions options, List<Type> added)
    {
        JsonTypeInfo? info;
        try
        {
            options.TryGetTypeInfo(type, out info);
        }
        catch (Exception e) when (e is NotSupportedException or InvalidOperationException or ArgumentException)
        {
            // The serializer itself refuses it, with the reason, when it meets a value.
            return;
        }

        if (info is not null)
        {
            Visit(info, added);
        }
    }

    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "A field that was trimmed away holds nothing that could be lost.")]
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "As above.")]
    private static void Check(Type type, JsonPropertyInfo[] members)
    {
        var fields = type.GetFields(Own).Where(field => !IsIgnored(field)).ToArray();
        if (Array.Find(fields, field => field.IsPublic && !members.Any(member => IsOf(member, field))) is { } left)
        {
            throw new ArgumentException(
                $"{type.Name} cannot be sent: the options leave its field {left.Name} out. Set {nameof(JsonSerializerOptions.IncludeFields)} of {nameof(MessagingOptions)}.{nameof(MessagingOptions.JsonSerializerOptions)}, or mark the field with [JsonInclude] or [JsonIgnore].");
        }

        if (!type.IsValueType || fields.Length == 0)
        {
            return;
        }

        var restored = members.Where(member => member.Set is not null || member.AssociatedParameter is not null).ToArray();
        var lost = Array.Find(fields, field => PropertyOf(field) is { } property && !IsIgnored(property) && !restored.Any(member => IsOf(member, property)));
        if (lost is not null || restored.Length == 0)
        {
            throw new ArgumentException(
                $"{type.Name} cannot be sent: {(lost is null ? "nothing" : PropertyOf(lost)!.Name + ", which has no setter, is not")} set when it is read. Give its properties setters, mark its constructor with [JsonConstructor], or add a converter to {nameof(MessagingOptions)}.{nameof(MessagingOptions.JsonSerializerOptions)}.");
        }
    }

    /// <summary>The property that the compiler made a field for; null for other fields.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "A property that was trimmed away holds nothing that could be lost.")]
    private static PropertyInfo? PropertyOf(FieldInfo field) => field.Name.EndsWith(BackingField, StringComparison.Ordinal)
        ? field.DeclaringType!.GetProperty(field.Name[1..field.Name.IndexOf('>', StringComparison.Ordinal)], Own)
        : null;

    private static bool IsOf(JsonPropertyInfo member, MemberInfo known)
    {
        var name = known.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? member.Options.PropertyNamingPolicy?.ConvertName(known.Name) ?? known.Name;
        return member.AttributeProvider as MemberInfo == known || member.Name == name;
    }

    private static bool IsIgnored(MemberInfo member) => member.GetCustomAttribute<JsonIgnoreAttribute>() is { Condition: JsonIgnoreCondition.Always };
}
