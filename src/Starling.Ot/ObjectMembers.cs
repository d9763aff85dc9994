using System.Collections.Frozen;


namespace Starling.Ot;

/// <summary>
/// Names that every JavaScript object has. A client that looks for one of them in a plain object finds the function that all objects share,
/// so documents and operations that use such names as their own mean something else to clients (GHSA-9rqw-j2q5-gg2g).
/// </summary>
public static class ObjectMembers
{
    private static readonly FrozenSet<string> Names = FrozenSet.ToFrozenSet(
        [
            "__proto__", "constructor", "toString", "valueOf", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString",
            "__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__",
        ],
        StringComparer.Ordinal);

    /// <summary>Gets whether every JavaScript object has a member of this name.</summary>
    /// <param name="name">The name.</param>
    /// <returns>True if every object has it.</returns>
    public static bool IsShared(string name) => Names.Contains(name);

    /// <summary>Whether JSON in the form that this library writes has an object with a member that changes how JavaScript treats the object.</summary>
    internal static bool HasKind(ReadOnlySpan<byte> json) => json.IndexOf("\"constructor\":"u8) >= 0 || json.IndexOf("\"__proto__\":"u8) >= 0;

    /// <exception cref="OtException">The JSON has such an object.</exception>
    internal static void Refuse(ReadOnlySpan<byte> json)
    {
        if (HasKind(json))
        {
            throw new OtException("Objects must not have a member 'constructor' or '__proto__': clients would not take them for plain objects.");
        }
    }
}
