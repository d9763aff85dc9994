namespace Starling.Supervisor.Configuration;

/// <summary>What <c>/etc/passwd</c> says of a user.</summary>
internal static class Accounts
{
    private const string UserFile = "/etc/passwd";

    /// <summary>Folder of a user, by name or number; null when the file does not know the user.</summary>
    public static string? HomeOf(string user)
    {
        if (!File.Exists(UserFile))
        {
            return null;
        }

        foreach (var line in File.ReadLines(UserFile))
        {
            var fields = line.Split(':');
            if (fields.Length >= 6 && (fields[0] == user || fields[2] == user))
            {
                return fields[5];
            }
        }

        return null;
    }
}
