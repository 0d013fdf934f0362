/** French: the assistant. */
import type { assistant as english } from '../en/assistant.ts';
import type { Phrases } from '../phrases.ts';

export const assistant: Phrases<typeof english> = {
  assistant: 'Assistant',
  'assistant.find': 'Chercher',
  'assistant.open': 'Assistant : chercher et expliquer',
  'assistant.ask': 'Aller quelque part, trouver quelqu’un, ou demander',
  'assistant.hint':
    'Une page, un réglage, un collaborateur, un groupe, un mot rencontré, ou « pourquoi ne puis-je pas activer ? »',
  'assistant.results': 'Résultats',
  'assistant.nothing': 'Rien ne correspond à « {{text}} ». Essayez un autre mot, ou le centre d’aide.',
  'assistant.offline': 'Fonctionne sans réseau. Rien de ce que vous tapez ici ne quitte le relais.',
  'assistant.keys': 'Flèches pour choisir, Entrée pour ouvrir, Échap pour fermer.',
  'assistant.kind.answer': 'Réponse',
  'assistant.kind.page': 'Page',
  'assistant.kind.setting': 'Réglage',
  'assistant.kind.step': 'Étape',
  'assistant.kind.person': 'Collaborateur',
  'assistant.kind.group': 'Groupe',
  'assistant.kind.concept': 'Expliqué',
  'assistant.kind.outside': 'Dans Steeple',
  'assistant.back': 'Tout ce qu’il peut expliquer',
  'assistant.concepts': 'Ce que veulent dire les mots',
  'assistant.questions': 'Questions sur ce relais, maintenant',
  'assistant.goTo': 'Ouvrir {{page}}',

  'assistant.needs': 'Qu’est-ce qui m’attend ?',
  'assistant.needs.words': 'à faire ensuite attention attente problème besoin aide état aujourd’hui maintenant moi',
  'assistant.needs.nothing': 'Rien ne vous attend.',
  'assistant.needs.away':
    'Le relais ne répond pas. Ce qu’il savait en dernier ne dit rien de ce qu’il lui faut maintenant.',
  'assistant.needs.circuit': 'Steeple refuse le relais : rien n’est envoyé.',
  'assistant.needs.dead_one': 'Une livraison a été refusée définitivement.',
  'assistant.needs.dead_other': '{{count, number}} livraisons ont été refusées définitivement.',
  'assistant.needs.held_one': 'Un changement attend une décision.',
  'assistant.needs.held_other': '{{count, number}} changements attendent une décision.',
  'assistant.needs.broken_one': 'Un lien est rompu : son groupe a disparu chez le fournisseur.',
  'assistant.needs.broken_other':
    '{{count, number}} liens sont rompus : leurs groupes ont disparu chez le fournisseur.',
  'assistant.needs.refused_one': 'Une requête de {{source}} a été refusée depuis le démarrage du relais.',
  'assistant.needs.refused_other':
    '{{count, number}} requêtes de {{source}} ont été refusées depuis le démarrage du relais.',
  'assistant.needs.step': 'Mise en place : {{step}}.',

  'assistant.enable': 'Pourquoi ne puis-je pas activer ?',
  'assistant.enable.words': 'activer activation démarrer synchronisation bloqué grisé impossible périmé refusé',
  'assistant.enable.on': 'La synchronisation est déjà activée, depuis le {{when}}.',
  'assistant.enable.can': 'Rien ne s’y oppose. Lisez le plan, puis activez depuis l’aperçu.',
  'assistant.enable.stale':
    'Si c’est refusé bien que tout soit fait : ce que le plan retirerait a changé pendant votre lecture. L’aperçu montre alors le nouveau plan.',
  'assistant.enable.possible':
    'Rien ne s’y oppose. Ce qui reste à regarder peut être corrigé, ou accepté nommément à l’activation :',
  'assistant.enable.also': 'À regarder aussi ; cela peut être accepté nommément à l’activation :',
  'assistant.enable.missing': 'Ce qui manque, dans l’ordre où le faire :',

  'concept.sso': 'Le SSO d’abord',
  'concept.sso.is':
    'Steeple n’accepte l’approvisionnement que si l’authentification unique est configurée, quel que soit le fournisseur. D’ici là, il répond 403 à toute requête SCIM.',
  'concept.sso.words': 'authentification unique saml connexion 403 préalable single sign-on',
  'concept.provisioning': 'Approvisionnement',
  'concept.provisioning.is':
    'Votre fournisseur d’identité tient à jour de lui-même les collaborateurs et leurs accès dans Steeple : prénom, nom, e-mail, communautés, et le rôle dans chacune. Dans un seul sens, du fournisseur vers Steeple.',
  'concept.provisioning.words': 'scim synchro synchronisation automatique provisioning',
  'concept.token': 'URL SCIM et jeton',
  'concept.token.is':
    'Steeple montre les deux sous Administration > Intégrations > Installer > Identification > Afficher. Okta les appelle Tenant URL et Secret Token. Le jeton est un secret : ni messagerie, ni e-mail, ni ticket.',
  'concept.token.words': 'bearer token secret tenant url mot de passe clé identification afficher',
  'concept.keychain': 'Où sont gardés les jetons',
  'concept.keychain.is':
    'Le jeton de Steeple est dans le trousseau de la machine du relais ; à défaut, dans un fichier scellé. Des jetons des fournisseurs on ne garde qu’une empreinte : personne ne peut les relire.',
  'concept.keychain.words': 'trousseau coffre scellé secret',
  'concept.source': 'Source',
  'concept.source.is':
    'Un fournisseur d’identité que vous avez ajouté, avec une adresse et un jeton à lui. Il peut y en avoir plusieurs ; chacun se renouvelle ou se révoque seul.',
  'concept.source.words': 'fournisseur identité idp entra okta',
  'concept.entra': 'Microsoft Entra ID',
  'concept.entra.is':
    'Aussi appelé Azure AD. Il envoie les changements toutes les 25 à 40 minutes. Affectez les groupes eux-mêmes : il ne regarde pas à l’intérieur des groupes imbriqués.',
  'concept.entra.words': 'azure ad microsoft lent délai minutes cycle attente',
  'concept.soft': 'Suppression réversible dans Entra',
  'concept.soft.is':
    'Entra garde les personnes supprimées 30 jours dans une corbeille. Une expression sur « active » les fait compter aussitôt comme inactives. Mise en place la donne à copier.',
  'concept.soft.words': 'isSoftDeleted switch expression corbeille attribut soft delete',
  'concept.okta': 'Okta',
  'concept.okta.is':
    'Il envoie les changements presque aussitôt. Cochez seulement les cases Push, affectez les collaborateurs, et poussez aussi les groupes : affecter un groupe ne le pousse pas.',
  'concept.okta.words': 'push groups import affecter pousser',
  'concept.google': 'Google Workspace',
  'concept.google.is':
    'SSO seulement. Steeple n’a pas d’approvisionnement SCIM pour Google Workspace : il ne peut pas servir de source ici. La connexion à Steeple par Google reste possible.',
  'concept.google.words': 'gsuite g suite gmail',
  'concept.push': 'Envoi',
  'concept.push.is':
    'Un changement envoyé par un fournisseur. Il est sur disque avant qu’on y réponde, même synchronisation arrêtée, Steeple en panne ou revue en attente.',
  'concept.push.words': 'push requête écriture changement entrant',
  'concept.journal': 'Journal',
  'concept.journal.is':
    'La suite ordonnée de tous les envois et de toutes les décisions : qui, quand, quoi et pourquoi. Chaque entrée est liée à la précédente : une retouche se voit.',
  'concept.journal.words': 'audit historique trace vérifier chaîne',
  'concept.directory': 'Annuaire',
  'concept.directory.is': 'Ce que disent maintenant vos fournisseurs : collaborateurs, groupes, et qui est dans quoi.',
  'concept.directory.words': 'collaborateurs personnes',
  'concept.observed': 'Observé',
  'concept.observed.is':
    'Ce que contient Steeple, confirmé en dernier lieu : par une lecture, ou par sa réponse à une écriture du relais.',
  'concept.observed.words': 'état steeple lecture',
  'concept.community': 'Communauté',
  'concept.community.is':
    'Là où l’on se retrouve dans Steeple. Les groupes de votre fournisseur ne sont pas des communautés : chacun est lié à une communauté et à un rôle. Le relais n’en crée jamais.',
  'concept.community.words': 'espace équipe catalogue liste',
  'concept.role': 'Rôle',
  'concept.role.is':
    'Ce qu’une personne peut faire dans une communauté : contributeur, ou administrateur, qui est plus élevé. Avec plusieurs liens vers une communauté, le rôle le plus élevé l’emporte.',
  'concept.role.words': 'contributeur administrateur admin rang droits permission',
  'concept.link': 'Lien',
  'concept.link.is':
    'Il dit qu’un groupe donne un rôle dans une communauté. Il tient au groupe lui-même et non à son nom : renommer ne change l’accès de personne.',
  'concept.link.words': 'association relier correspondance dessiner',
  'concept.two': 'Deux groupes par communauté',
  'concept.two.is':
    'Conseillé : un groupe de contributeurs et un d’administrateurs. Avec un seul, personne n’administre la communauté, ou tout le monde.',
  'concept.two.words': 'conseil recommandé bonne pratique',
  'concept.mapping': 'Correspondances',
  'concept.mapping.is':
    'Tous les liens ensemble, en une version numérotée. On dessine un brouillon, on lit qui gagne et qui perd, on publie. On peut revenir à toute version passée.',
  'concept.mapping.words': 'mapping version retour brouillon publier éditeur',
  'concept.rule': 'Règle',
  'concept.rule.is':
    'Elle lie beaucoup de groupes d’après le modèle de leurs noms. Une règle ne donne rien d’elle-même : ses liens sont en vigueur une fois publiés ou confirmés.',
  'concept.rule.words': 'modèle étoile automatique noms',
  'concept.access': 'Accès',
  'concept.access.is':
    'Qui a quel rôle et où. Il découle de l’annuaire, des correspondances et des règles du relais, et de rien d’autre. La page de chacun dit pourquoi il a ce qu’il a.',
  'concept.access.words': 'pourquoi droits expliquer',
  'concept.managed': 'Géré',
  'concept.managed.is':
    'Le relais tient dans Steeple un groupe par couple de communauté et de rôle, et le remplit. Vous liez chacun une fois dans Steeple ; ensuite les accès se décident ici seulement.',
  'concept.managed.words': 'mode modèle',
  'concept.mirror': 'Miroir',
  'concept.mirror.is':
    'Les groupes du fournisseur vont dans Steeple tels quels, et les liens y sont. Ce qui est dessiné ici en montre l’effet et imprime ce qu’il faut cliquer.',
  'concept.mirror.words': 'mode tel quel',
  'concept.plan': 'Plan',
  'concept.plan.is':
    'Ce que ferait une synchronisation : qui est créé, changé, reçoit ou perd quelque chose, par rapport à ce que contient Steeple. L’activation nomme le plan que vous avez lu.',
  'concept.plan.words': 'aperçu simulation essai différence',
  'concept.stale': 'Plan périmé',
  'concept.stale.is':
    'Si ce qu’un plan retirerait a changé depuis votre lecture, l’activation est refusée et le nouveau plan est montré. Des ajouts seuls ne périment pas un plan.',
  'concept.stale.words': 'refusé vieux dépassé',
  'concept.gate': 'Barrière',
  'concept.gate.is':
    'Elle décide si un changement peut partir. Tout ce qui retire quelque chose à quelqu’un attend une personne ; le reste passe.',
  'concept.gate.words': 'politique décision sécurité',
  'concept.held': 'Élément retenu',
  'concept.held.is':
    'Un changement qui attend une personne : l’approuver, ou laisser les choses comme elles sont. Si le fournisseur revient en arrière, il se ferme de lui-même et rien n’est envoyé.',
  'concept.held.words': 'revue approuver garder attente départ retenu',
  'concept.limits': 'Limites',
  'concept.limits.is':
    'Quand plus de personnes que d’ordinaire partiraient en 24 heures, toutes attendent. De même pour un groupe qui perd beaucoup d’un coup, et toujours pour le dernier administrateur d’une communauté.',
  'concept.limits.words': 'suppression en masse seuil pourcentage garde accident dernier administrateur',
  'concept.two-person': 'Règle des deux personnes',
  'concept.two-person.is': 'Avec elle, un retrait ne part qu’une fois approuvé par deux personnes différentes.',
  'concept.two-person.words': 'second approbateur quatre yeux',
  'concept.protected': 'Compte protégé',
  'concept.protected.is': 'Jamais retiré sans la décision d’une personne, quelles que soient les règles.',
  'concept.protected.words': 'direction jamais retirer',
  'concept.removal': 'Ce que fait un retrait',
  'concept.removal.is':
    'Une personne désactivée ou supprimée chez le fournisseur quitte l’organisation dans Steeple, et ses publications deviennent invisibles. Seul le support de Steeple peut les réattribuer. C’est pourquoi les retraits attendent ici.',
  'concept.removal.words': 'supprimer désactiver départ publications invisibles annuler support',
  'concept.absent': 'Absent de l’annuaire',
  'concept.absent.is':
    'Une fois la synchronisation activée dans Steeple, un compte qui n’est pas dans l’annuaire de l’entreprise perd par défaut tout accès. L’aperçu les nomme.',
  'concept.absent.words': 'manquant perd accès défaut',
  'concept.stranger': 'Compte inconnu',
  'concept.stranger.is':
    'Un compte dans Steeple qu’aucune source ne nomme. Le relais n’y écrit jamais ; il le signale, avec ce que Steeple en fera.',
  'concept.stranger.words': 'étranger personne orphelin',
  'concept.external': 'Compte externe',
  'concept.external.is':
    'Un compte créé exprès à la main hors de l’annuaire, avec e-mail et mot de passe. Déclarez-le, pour qu’il ne surprenne pas. Il faut aussi le supprimer à la main.',
  'concept.external.words': 'agence prestataire partenaire invité manuel',
  'concept.delivery': 'Livraison',
  'concept.delivery.is':
    'Une écriture due à Steeple. Elles partent dans l’ordre pour chaque personne et chaque groupe, sont retentées après une panne, et n’arrivent jamais deux fois.',
  'concept.delivery.words': 'envoyer file retenter',
  'concept.dead': 'Livraison refusée',
  'concept.dead.is':
    'Une livraison que Steeple a refusée définitivement. Elle vient avec une cause et un remède, et peut être renvoyée ou abandonnée. Tout le reste continue.',
  'concept.dead.words': 'échec erreur refus renvoyer abandonner lettre morte',
  'concept.drift': 'Dérive',
  'concept.drift.is': 'Quelque chose a été changé dans Steeple à l’insu du relais. Une lecture complète le découvre.',
  'concept.drift.words': 'changé à la main diffère écart',
  'concept.circuit': 'Quand Steeple refuse le jeton',
  'concept.circuit.is':
    'Les livraisons s’arrêtent toutes, un essai par minute au plus, et rien n’est perdu. Copiez de nouveau le jeton depuis Steeple et donnez-le dans Mise en place.',
  'concept.circuit.words': 'disjoncteur 401 403 non autorisé arrêté',
  'concept.invitation': 'E-mails d’invitation',
  'concept.invitation.is':
    'Une option de Steeple pour les nouveaux, inutile avec le SSO. Le relais ne les envoie ni ne les voit.',
  'concept.invitation.words': 'courriel inviter bienvenue',
  'concept.handover': 'À faire dans Steeple',
  'concept.handover.is':
    'Ce qu’il faut y cliquer : lier chaque groupe à sa communauté et à son rôle, vérifier que les nombres correspondent, puis activer la synchronisation. Mise en place imprime la liste.',
  'concept.handover.words': 'liste cliquer imprimer activer nombres intégrations passage de relais',
  'concept.sandbox': 'Bac à sable',
  'concept.sandbox.is':
    'Un Steeple de remplacement sur votre propre machine, pour tout essayer sans compte : steeple-relay sandbox.',
  'concept.sandbox.words': 'test essayer démo sandbox',
  'concept.relay': 'Relais',
  'concept.relay.is':
    'Le service entre votre fournisseur et Steeple. Il fonctionne sans que personne soit connecté, et accepte les envois que cette page soit ouverte ou non.',
  'concept.relay.words': 'service démon serveur processus',
};
