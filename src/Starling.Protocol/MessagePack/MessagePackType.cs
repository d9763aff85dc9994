namespace Starling.Protocol.MessagePack;

/// <summary>What kind of value comes next.</summary>
public enum MessagePackType
{
    /// <summary>Nil.</summary>
    Nil,

    /// <summary>A truth value.</summary>
    Boolean,

    /// <summary>An integer that fits into 64 bits with sign.</summary>
    Integer,

    /// <summary>An unsigned integer beyond that.</summary>
    Unsigned,

    /// <summary>A floating-point number.</summary>
    Float,

    /// <summary>Text.</summary>
    String,

    /// <summary>Bytes.</summary>
    Binary,

    /// <summary>An array.</summary>
    Array,

    /// <summary>A map.</summary>
    Map,

    /// <summary>A value of an extension type.</summary>
    Extension,
}
