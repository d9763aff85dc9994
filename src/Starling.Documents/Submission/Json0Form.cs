using Starling.Documents.Json;
using Starling.Ot;

namespace Starling.Documents.Submission;

/// <summary>
/// Checks submitted json0 operations before the type sees them: clients walk the paths through plain JavaScript objects, where some names
/// lead to what all objects share (GHSA-9rqw-j2q5-gg2g).
/// </summary>
internal static class Json0Form
{
    /// <exception cref="DocumentException">It has not the form of an operation, or a path that must not be.</exception>
    public static void Check(ReadOnlyMemory<byte> operation)
    {
        if (!JsonSlices.IsList(operation))
        {
            throw new DocumentException(DocumentErrors.OperationBadlyFormed, "json0 op must be an array");
        }

        var components = JsonSlices.ReadList(operation);
        var paths = components.ConvertAll(Path);
        if (paths.Exists(path => !JsonSlices.IsList(path)))
        {
            throw new DocumentException(DocumentErrors.OperationBadlyFormed, "Missing path");
        }

        if (paths.Exists(path => JsonSlices.ReadList(path).Exists(IsInvalidSegment)))
        {
            throw new DocumentException(DocumentErrors.OperationNotApplied, "Invalid path segment");
        }
    }

    private static ReadOnlyMemory<byte> Path(ReadOnlyMemory<byte> component)
    {
        ReadOnlyMemory<byte> path = default;
        if (JsonSlices.IsObject(component))
        {
            JsonSlices.ReadObject(component, (name, value) => path = name == "p" ? value : path);
        }

        return path;
    }

    private static bool IsInvalidSegment(ReadOnlyMemory<byte> segment) =>
        !JsonSlices.IsNumber(segment) && (!JsonSlices.IsString(segment) || (JsonSlices.GetString(segment) is { } name && ObjectMembers.IsShared(name)));
}
