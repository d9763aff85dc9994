using System.Collections.Frozen;
using Starling.Ot;

namespace Starling.Documents.Submission;

/// <summary>The OT types that documents may have, by short name and by URI. Immutable.</summary>
internal sealed class DocumentTypes(IEnumerable<IOtType> types)
{
    private readonly FrozenDictionary<string, IOtType> _types = Index(types);

    public IOtType? Find(string name) => _types.GetValueOrDefault(name);

    public IOtType Get(string name) =>
        Find(name) ?? throw new DocumentException(DocumentErrors.TypeNotRecognized, "Unknown type");

    // Of two types with one name the later wins, so that an application may replace a built-in one.
    private static FrozenDictionary<string, IOtType> Index(IEnumerable<IOtType> types)
    {
        var index = new Dictionary<string, IOtType>(StringComparer.Ordinal);
        foreach (var type in types)
        {
            index[type.Name] = type;
            index[type.Uri] = type;
        }

        return index.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
