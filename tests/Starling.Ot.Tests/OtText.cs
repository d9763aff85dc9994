using System.Buffers;
using System.Text;

namespace Starling.Ot.Tests;

/// <summary>Snapshots and operations as the JSON that they write.</summary>
internal static class OtText
{
    // More cases by environment variable: STARLING_OT_CASES=1000000.
    public static readonly int Cases = int.TryParse(Environment.GetEnvironmentVariable("STARLING_OT_CASES"), out var cases) ? cases : 20_000;

    public static IOtSnapshot Document(this IOtType type, string json) => type.ReadSnapshot(Encoding.UTF8.GetBytes(json));

    public static IOtOperation Operation(this IOtType type, string json) => type.ReadOperation(Encoding.UTF8.GetBytes(json));

    public static string Apply(this IOtType type, string document, string operation) => Text(type.Apply(type.Document(document), type.Operation(operation)));

    public static string Transform(this IOtType type, string operation, string other, OtSide side) =>
        Text(type.Transform(type.Operation(operation), type.Operation(other), side));

    public static string Text(IOtSnapshot snapshot) => Write(snapshot.WriteTo);

    public static string Text(IOtOperation operation) => Write(operation.WriteTo);

    public static string Presence(this IPresenceType type, string presence, string operation, bool isOwn) =>
        Write(output => type.TransformPresence(Encoding.UTF8.GetBytes(presence), type.Operation(operation), isOwn, output));

    public static T Pick<T>(this Random random, IReadOnlyList<T> items) => items[random.Next(items.Count)];

    private static string Write(Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
