using Starling.Conformance.Server.Documents.Types;
using Starling.Documents.Hosting;

namespace Starling.Conformance.Server.Documents;

public static class DocumentsBuilderTestExtensions
{
    /// <summary>Adds the other types that ShareDB's own tests use.</summary>
    public static DocumentsBuilder AddTypes(this DocumentsBuilder builder) => builder
        .AddType(new NumberType())
        .AddType(new PresenceTestType())
        .AddType(new ListTestType("test-deserialized-type"))
        .AddType(new ListTestType("test-deserialized-type2"));
}
