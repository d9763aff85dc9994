using System.Reflection;
using System.Text.Json;
using Starling.Messaging.Payloads;

namespace Starling.Messaging.Services;

/// <summary>One parameter of a method.</summary>
internal sealed class RpcParameter
{
    public RpcParameter(ParameterInfo parameter, PayloadSerializer serializer)
    {
        Name = parameter.Name ?? "";
        Type = parameter.ParameterType;
        Kind = Type == typeof(CancellationToken) ? ParameterKind.CancellationToken
            : Type == typeof(RpcConnection) ? ParameterKind.Connection
            : ParameterKind.Payload;
        if (Kind == ParameterKind.Payload)
        {
            Codec = serializer.Of(Type);
            WireName = serializer.Options.PropertyNamingPolicy?.ConvertName(Name) ?? Name;
            IsOptional = parameter.HasDefaultValue || !Type.IsValueType || Nullable.GetUnderlyingType(Type) is not null;
            Default = parameter.HasDefaultValue ? parameter.DefaultValue : null;
            if (parameter.HasDefaultValue && Default is null && Type.IsValueType && Nullable.GetUnderlyingType(Type) is null)
            {
                // "default" of a structure is written as null into the metadata.
                Default = Array.CreateInstanceFromArrayType(Type.MakeArrayType(), 1).GetValue(0);
            }
        }
    }

    public string Name { get; }

    /// <summary>Its name where parameters are given by name.</summary>
    public string WireName { get; } = "";

    public Type Type { get; }

    public ParameterKind Kind { get; }

    public Codec? Codec { get; }

    /// <summary>Whether it may be left out.</summary>
    public bool IsOptional { get; }

    public object? Default { get; }

    public bool IsNamed(ref Utf8JsonReader reader) => reader.ValueTextEquals(WireName) || reader.ValueTextEquals(Name);
}
