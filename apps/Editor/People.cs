using System.Text.Json;
using System.Text.RegularExpressions;
using Starling.Apps.Editor.Library;
using Starling.Documents;
using Starling.Documents.Hosting;

namespace Starling.Apps.Editor;

/// <summary>The names and colours of people.</summary>
internal sealed partial class People(IDocumentService documents)
{
    private const int MaxNameLength = 40;

    /// <summary>Who somebody is, or null for one who has not said.</summary>
    public async Task<Person?> FindAsync(string id, CancellationToken cancellationToken) =>
        await documents.FetchAsync(Key(id), cancellationToken) is { Type: not null } found
            ? JsonSerializer.Deserialize(found.Data.Span, EditorJson.Default.Person)
            : null;

    /// <summary>Says who somebody is.</summary>
    /// <exception cref="EditorException">The name or the colour cannot be used.</exception>
    public async Task<Person> SetAsync(string id, string? name, string? color, CancellationToken cancellationToken)
    {
        var person = new Person(CheckName(name), CheckColor(color));
        if (await FindAsync(id, cancellationToken) is not { } known)
        {
            try
            {
                var data = JsonSerializer.SerializeToUtf8Bytes(person, EditorJson.Default.Person);
                await documents.SubmitAsync(Key(id), DocumentChange.Create("json0", data), cancellationToken);
                return person;
            }
            catch (DocumentException exception) when (exception.Code == DocumentErrors.AlreadyCreated)
            {
                // Another page of the same person was quicker; this one is later.
                known = (await FindAsync(id, cancellationToken))!;
            }
        }

        if (known != person)
        {
            var change = Json0Edit.Replace(("name", known.Name, person.Name), ("color", known.Color, person.Color));
            await documents.SubmitAsync(Key(id), change, cancellationToken);
        }

        return person;
    }

    private static DocumentKey Key(string id) => new(Collections.People, id);

    private static string CheckName(string? name)
    {
        var clean = string.Concat((name ?? "").Trim().Where(c => !char.IsControl(c)));
        return clean.Length is > 0 and <= MaxNameLength
            ? clean
            : throw new EditorException(400, "bad-name", $"Your name has 1 to {MaxNameLength} characters.");
    }

    private static string CheckColor(string? color) => Color().IsMatch(color ?? "")
        ? color!
        : throw new EditorException(400, "bad-color", "A colour is '#' and six hexadecimal digits in lower case.");

    [GeneratedRegex("^#[0-9a-f]{6}$", RegexOptions.CultureInvariant)]
    private static partial Regex Color();
}
