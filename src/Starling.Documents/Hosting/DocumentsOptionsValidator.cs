using Microsoft.Extensions.Options;

namespace Starling.Documents.Hosting;

/// <summary>Says what is wrong with the settings before anything runs on them.</summary>
internal sealed class DocumentsOptionsValidator : IValidateOptions<DocumentsOptions>
{
    public ValidateOptionsResult Validate(string? name, DocumentsOptions options)
    {
        var failures = options.Check().ToList();
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
