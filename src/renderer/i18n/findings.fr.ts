/** The sentences of daemon/contract/findings.ts in French, as said.fr.ts has the others. */
import type { findings as english } from '../../../daemon/contract/findings.ts';

const show = 'Dans Steeple, ouvrez Administration > Intégrations > Installer > Identification > Afficher';
const route =
  'Vérifiez que cette machine peut l’atteindre : le pare-feu, le proxy, et que le service fonctionne, depuis cette machine.';

export const findings: Readonly<Record<keyof typeof english, string | readonly [one: string, many: string]>> = {
  'probe.no-url': 'Aucune URL SCIM n’est donnée',
  'probe.no-token': 'Une URL SCIM est donnée, mais pas de jeton',
  'probe.fine': 'Steeple répond, et accepte le jeton. Il a {{users#}} utilisateurs et {{groups#}} groupes',
  'probe.error': 'Réponse {{status#}}, une erreur du serveur : {{detail}}',
  'probe.sso': 'Steeple a répondu 403 : {{detail}}',
  'probe.answered': 'Réponse {{status#}} : {{detail}}',
  'probe.missing': 'Réponse 404 : il n’y a rien à cette adresse',
  'probe.users-only': 'Les utilisateurs ont été listés, mais pas les groupes. {{detail}}',
  'probe.copy-both': `${show}, et copiez-y l’URL SCIM et le jeton.`,
  'probe.copy-url': `${show}, et copiez-y l’URL SCIM telle quelle.`,
  'probe.copy-token': `${show}, et copiez-y le jeton.`,
  'probe.copy-again': `${show}, et copiez de nouveau le jeton : il a pu être coupé, ou remplacé par un plus récent. Si c’est le bon, vérifiez que l’URL SCIM vient de la même page.`,
  'probe.copy-whole': `${show}, et copiez-y l’URL SCIM entière.`,
  'probe.no-path': `L’URL n’a rien après le nom du serveur ; une URL SCIM a d’ordinaire un chemin. ${show}, et copiez-y l’URL SCIM entière.`,
  'probe.tail': `L’URL devrait s’arrêter avant « /{{tail}} ». ${show}, et copiez-y l’URL SCIM entière.`,
  'probe.page': `C’est l’adresse d’une page de Steeple, pas son URL SCIM. ${show}, et copiez-y l’URL SCIM entière.`,
  'probe.silent':
    'Quelque chose accepte la connexion et ne répond pas. Vérifiez le port dans l’URL, et les pare-feu et proxys en chemin.',
  'probe.later':
    'Le serveur ne peut pas répondre pour l’instant. Réessayez dans quelques minutes ; si cela dure, demandez à qui le tient.',
  'probe.sso-first':
    'Steeple veut le SSO avant la synchronisation. Dans Steeple, ouvrez Administration > Intégrations, configurez le SSO, puis testez de nouveau.',
  'probe.not-web': 'L’URL n’est pas une adresse web : elle doit commencer par https://',
  'probe.user-in-url': 'L’URL contient un utilisateur ou un mot de passe : ôtez ce qui précède le « @ »',
  'probe.query-in-url': 'L’URL contient un « ? » ou un « # » : ôtez tout à partir de là',
  'probe.plain-http':
    'L’URL commence par http:// : le jeton traverserait le réseau en clair jusqu’à {{host}}. Utilisez https://',
  'probe.odd-token':
    'Le jeton est vide, ou contient une espace, un saut de ligne ou une lettre hors ASCII : ce n’est pas celui que Steeple affiche. Copiez-le de nouveau, sans le mot « Bearer »',

  'fault.expired': 'Le certificat de {{host}} a expiré ({{code}})',
  'fault.expired.do': 'Qui tient ce serveur doit renouveler son certificat. Vérifiez aussi l’horloge de cette machine.',
  'fault.early': 'Le certificat de {{host}} n’est pas encore valable ({{code}})',
  'fault.early.do':
    'Vérifiez l’horloge de cette machine ; si elle est juste, qui tient ce serveur doit corriger son certificat.',
  'fault.revoked': 'Le certificat de {{host}} a été révoqué ({{code}})',
  'fault.revoked.do': 'Qui tient ce serveur doit remplacer son certificat. N’allez pas plus loin d’ici là.',
  'fault.name': 'Le certificat de {{host}} est établi à un autre nom ({{code}})',
  'fault.name.do':
    'Comparez l’hôte de l’URL avec ce que Steeple affiche. S’il est juste, autre chose répond à sa place.',
  'fault.pin': 'Le certificat de {{host}} n’a aucune des clés épinglées pour lui ({{code}})',
  'fault.pin.do':
    'Si Steeple a changé de clé, et le dit lui-même, épinglez la nouvelle (Réglages, Réseau et TLS). Sinon, autre chose répond à sa place : n’allez pas plus loin avant de savoir quoi.',
  'fault.itself': 'Le certificat de {{host}} est signé par le serveur lui-même, ce qui ne prouve rien ({{code}})',
  'fault.issuer': 'Le certificat de {{host}} est signé par une autorité que cette machine ne connaît pas ({{code}})',
  'fault.issuer.do':
    'Si un proxy inspecte le trafic ici, ou si Steeple est derrière une autorité privée, donnez cette autorité au relais au format PEM (Réglages, Réseau et TLS).',
  'fault.dns': 'Le nom {{host}} est inconnu du DNS de cette machine ({{code}})',
  'fault.dns.do': 'Vérifiez l’orthographe de l’URL, et que cette machine résout les noms d’Internet.',
  'fault.dns-silent': 'Le DNS de cette machine n’a pas répondu pour {{host}} ({{code}})',
  'fault.dns-silent.do': 'Vérifiez que cette machine a un serveur DNS qui fonctionne, puis réessayez.',
  'fault.refused': '{{host}} a refusé la connexion : rien n’écoute sur ce port ({{code}})',
  'fault.refused.do': `Vérifiez l’URL et son port. ${route}`,
  'fault.no-route': 'Il n’y a pas de route de cette machine à {{host}} ({{code}})',
  'fault.route.do': route,
  'fault.late': '{{host}} n’a pas accepté la connexion à temps ({{code}})',
  'fault.secure': 'Aucune connexion sûre n’a pu être établie avec {{host}} ({{code}})',
  'fault.secure.do':
    'Vérifiez que le port de l’URL parle HTTPS, et qu’aucun pare-feu ou proxy en chemin n’interrompt les connexions sûres.',
  'fault.proxy': 'Le proxy sur le chemin de {{host}} a répondu {{status#}}',
  'fault.proxy-user.do': 'Le proxy veut un autre utilisateur ou mot de passe (Réglages, Réseau et TLS).',
  'fault.proxy.do': 'Demandez à qui tient le proxy de laisser cette machine ouvrir un tunnel vers {{host}}.',
  'fault.other': 'Aucune connexion possible avec {{host}} ({{code}})',
  'fault.lost': 'Aucune réponse entière n’est venue de {{host}} : {{detail}}',

  'doctor.disk': '{{free}} Mo libres là où se trouve {{path}} ({{percent#}} %)',
  'doctor.disk.now': 'Libérez de la place maintenant : disque plein, le relais n’accepte plus rien.',
  'doctor.disk.soon': 'Libérez bientôt de la place, ou gardez moins de journal (Réglages, Conservation).',
  'doctor.no-folder': 'Il n’y a pas de dossier {{path}}',
  'doctor.file': '{{path}} n’est pas un dossier',
  'doctor.folder.do':
    'Indiquez le dossier de données du relais avec --data ; le premier démarrage d’un relais le crée.',
  'doctor.no-look': '{{path}} ne peut pas être regardé ({{code}})',
  'doctor.no-look.do': 'Vérifiez que le dossier existe, et à qui il appartient.',
  'doctor.flush':
    'Une écriture sûre sur le disque prend {{ms}} ms (la moitié de quinze en prennent moins) ; chaque réponse à un fournisseur en attend une',
  'doctor.flush.do':
    'Mettez le dossier de données sur un disque local : les disques réseau et partagés font attendre les fournisseurs.',
  'doctor.no-write': 'Rien ne peut être écrit dans {{path}} ({{code}})',
  'doctor.no-write.do': 'Regardez le disque, le propriétaire du dossier, et le montage.',
  'doctor.journal': 'Le journal peut être écrit',
  'doctor.journal.do': 'D’ici là, les fournisseurs sont priés de revenir ; rien n’est perdu.',
  'doctor.secrets': 'Les secrets sont gardés ici : {{store}}',
  'doctor.secrets-file':
    'Les secrets sont gardés ici : {{store}}. Ils ne sont pas dans un trousseau, car aucun ne répond : {{problem}}.',
  'doctor.secrets-file.do':
    'Qui peut lire le dossier {{path}} peut ouvrir les secrets qu’il contient : la clé est à côté.',
  'doctor.no-upstream': 'Steeple n’est pas renseigné : rien au-delà de cette machine n’a été regardé',
  'doctor.address': '{{host}} est déjà une adresse',
  'doctor.resolved': 'Le DNS dit de {{host}} : {{addresses}}',
  'doctor.unresolved': '{{host}} est inconnu du DNS de cette machine ({{code}})',
  'doctor.unresolved.do': 'Vérifiez l’orthographe de l’URL SCIM, et que cette machine résout les noms d’Internet.',
  'doctor.proxied-dns': '{{host}} est inconnu du DNS de cette machine ({{code}}) ; le proxy s’en charge',
  'doctor.straight': 'Directement, sans proxy',
  'doctor.through': 'Par {{proxy}} (réglé ici)',
  'doctor.through-env': 'Par {{proxy}} (de l’environnement)',
  'doctor.not-for': 'Sans le proxy : {{hosts}}',
  'doctor.authorities': [
    'Une autorité est reconnue en plus de celles du système',
    '{{count#}} autorités sont reconnues en plus de celles du système',
  ],
  'doctor.pins': ['Une clé est épinglée', '{{count#}} clés sont épinglées'],
  'doctor.chain': 'Steeple a présenté : {{chain}}',
  'doctor.plain': 'Steeple est joint en HTTP sans chiffrement',
  'doctor.plain.do': 'Utilisez https://, sauf pour le bac à sable.',
  'doctor.no-clock': 'Steeple ne dit pas l’heure qu’il est',
  'doctor.clock': 'Cette horloge et celle de Steeple diffèrent de {{seconds#}} s',
  'doctor.clock.do':
    'Mettez l’horloge de cette machine à l’heure, et laissez NTP la tenir : limites, tickets et certificats en dépendent.',
  'doctor.token-taken': 'Le jeton a été accepté',
  'doctor.sso': 'Steeple synchronise : le SSO est donc configuré',
  'doctor.sso-token': 'Inconnu tant que le jeton n’est pas accepté',
  'doctor.sso-answer': 'Inconnu tant que Steeple ne répond pas',
  'doctor.no-config': 'ServiceProviderConfig n’a pas pu être lu ; on suppose PATCH, sans Bulk',
  'doctor.able': 'Accepte PATCH, une écriture par requête, ne compare pas les versions',
  'doctor.able-versions': 'Accepte PATCH, une écriture par requête, compare les versions',
  'doctor.able-bulk': 'Accepte PATCH, jusqu’à {{most#}} écritures par requête, ne compare pas les versions',
  'doctor.able-bulk-versions': 'Accepte PATCH, jusqu’à {{most#}} écritures par requête, compare les versions',
  'doctor.whole':
    'N’accepte pas PATCH : les ressources sont écrites entières, une écriture par requête, ne compare pas les versions',
  'doctor.whole-versions':
    'N’accepte pas PATCH : les ressources sont écrites entières, une écriture par requête, compare les versions',
  'doctor.whole-bulk':
    'N’accepte pas PATCH : les ressources sont écrites entières, jusqu’à {{most#}} écritures par requête, ne compare pas les versions',
  'doctor.whole-bulk-versions':
    'N’accepte pas PATCH : les ressources sont écrites entières, jusqu’à {{most#}} écritures par requête, compare les versions',
  'doctor.no-end': 'Rien de connu n’arrive à échéance dans les 30 jours',
  'doctor.ends': '{{what~ending}} : expire le {{day}}',
  'doctor.ends-named': '{{what~ending}} ({{name}}) : expire le {{day}}',
  'doctor.ended': '{{what~ending}} : a expiré le {{day}}',
  'doctor.ended-named': '{{what~ending}} ({{name}}) : a expiré le {{day}}',
  'doctor.no-source': 'Il n’y a pas encore de source',
  'doctor.not-heard': '{{source}} n’a pas encore appelé',
  'doctor.not-heard.do': 'Collez l’URL et le jeton chez le fournisseur, et testez-y la connexion.',
  'doctor.heard': '{{source}} a appelé pour la dernière fois le {{when}} UTC',
  'doctor.refused':
    '{{source}} a appelé pour la dernière fois le {{when}} UTC ; {{count#}} de ses requêtes ont été refusées depuis le démarrage',
  'doctor.refused.do': 'La dernière : {{detail}}',
};
